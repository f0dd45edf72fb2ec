import { Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlayerStop } from '@tabler/icons-react'

import { ErrorNotice } from '@/components/ui/error-notice'

import { useCancelCase } from '../api/rerun'

/** Stops one case that has not ended, after asking whether that is meant. */
export function CancelCase({ batchId, index }: { batchId: string; index: number }) {
  const [isAsking, question] = useDisclosure(false)
  const cancel = useCancelCase(batchId, index)
  if (!isAsking) {
    return (
      <Group>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlayerStop size={14} stroke={1.7} />}
          onClick={question.open}
        >
          Cancel this case
        </Button>
      </Group>
    )
  }
  return (
    <Stack gap="xs">
      <Text size="sm">It will be stopped now and have no results. The other cases go on.</Text>
      {cancel.error !== null && <ErrorNotice error={cancel.error} />}
      <Group gap="xs">
        <Button size="xs" color="red" loading={cancel.isPending} onClick={() => cancel.mutate()}>
          Stop this case
        </Button>
        <Button size="xs" variant="default" onClick={question.close} data-autofocus>
          Let it go on
        </Button>
      </Group>
    </Stack>
  )
}
