import { ActionIcon, Button, Group, Stack, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'

type LineListProps = {
  lines: readonly string[]
  /** What one line is: "Constraint". */
  word: string
  placeholder: string
  errorAt: (position: number) => string | undefined
  onChange: (lines: string[]) => void
}

/** Expressions, one in a line. */
export function LineList({ lines, word, placeholder, errorAt, onChange }: LineListProps) {
  return (
    <Stack gap={6} w="100%">
      {lines.map((line, at) => (
        <Group key={at} gap={6} wrap="nowrap" align="flex-start">
          <TextInput
            aria-label={`${word} ${(at + 1).toString()}`}
            flex={1}
            placeholder={placeholder}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            value={line}
            error={errorAt(at)}
            onChange={(event) => {
              const text = event.currentTarget.value
              onChange(lines.map((old, position) => (position === at ? text : old)))
            }}
          />
          <ActionIcon
            aria-label={`Remove ${word.toLowerCase()} ${(at + 1).toString()}`}
            mt={4}
            onClick={() => onChange(lines.filter((_line, position) => position !== at))}
          >
            <IconX size={15} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        size="compact-xs"
        variant="subtle"
        w="fit-content"
        leftSection={<IconPlus size={13} />}
        onClick={() => onChange([...lines, ''])}
      >
        Add {word.toLowerCase()}
      </Button>
    </Stack>
  )
}
