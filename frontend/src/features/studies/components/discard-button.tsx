import { Button, Group, Popover, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'

/** Empties the form, after asking: the draft is kept nowhere else. */
export function DiscardButton({ onDiscard }: { onDiscard: () => void }) {
  const [isOpen, question] = useDisclosure(false)
  return (
    <Popover opened={isOpen} onChange={question.toggle} position="bottom-end" trapFocus>
      <Popover.Target>
        <Button variant="default" onClick={question.toggle}>
          Discard draft
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Text size="sm">Empty the whole form?</Text>
          <Group gap="xs" justify="flex-end">
            <Button size="compact-sm" variant="default" onClick={question.close}>
              Keep it
            </Button>
            <Button
              size="compact-sm"
              color="red"
              onClick={() => {
                onDiscard()
                question.close()
              }}
            >
              Empty the form
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
