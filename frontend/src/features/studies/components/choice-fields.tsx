import { ActionIcon, Autocomplete, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'

import { FieldError } from '@/components/ui/field-error'

import { labelWithUnit, type SpreadFieldsProps } from './parameter-values'

/** The values of a choice, each with its weight. */
export function ChoiceFields({ parameter, meaning, path, errorOf, edit }: SpreadFieldsProps) {
  const { values, weights } = parameter
  const weightOf = (at: number) => weights[at] ?? ''
  const changeAt = (list: readonly string[], at: number, text: string) =>
    values.map((_value, position) => (position === at ? text : (list[position] ?? '')))
  return (
    <Stack gap={6}>
      <Text size="sm" fw={500}>
        {labelWithUnit('Values and weights', meaning)}
      </Text>
      {values.map((value, at) => (
        <Group key={at} gap={6} wrap="nowrap">
          <Autocomplete
            aria-label={`Value ${(at + 1).toString()}`}
            flex={2}
            data={[...meaning.choices]}
            value={value}
            onChange={(text) => edit({ values: changeAt(values, at, text) })}
          />
          <TextInput
            aria-label={`Weight ${(at + 1).toString()}`}
            flex={1}
            placeholder="1"
            inputMode="decimal"
            value={weightOf(at)}
            onChange={(event) => edit({ weights: changeAt(weights, at, event.currentTarget.value) })}
          />
          <ActionIcon
            aria-label={`Remove value ${(at + 1).toString()}`}
            size="sm"
            onClick={() =>
              edit({
                values: values.filter((_value, position) => position !== at),
                weights: weights.filter((_weight, position) => position !== at),
              })
            }
          >
            <IconX size={14} />
          </ActionIcon>
        </Group>
      ))}
      <FieldError>{errorOf(`${path}.choice`)}</FieldError>
      <FieldError>{errorOf(`${path}.weights`)}</FieldError>
      <Group gap="sm">
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPlus size={13} />}
          onClick={() => edit({ values: [...values, ''] })}
        >
          Add a value
        </Button>
        <Text size="xs" c="dimmed">
          Without weights, all are alike.
        </Text>
      </Group>
    </Stack>
  )
}
