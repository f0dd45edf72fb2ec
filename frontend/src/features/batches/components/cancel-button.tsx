import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlayerStop } from '@tabler/icons-react'

import type { Batch } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { formatCount } from '@/format/numbers'

import { useCancelBatch } from '../api/batches'

/** Stops a batch, after asking whether that is meant. */
export function CancelButton({ batch }: { batch: Batch }) {
  const [isOpen, dialog] = useDisclosure(false)
  const cancel = useCancelBatch(batch.id)
  const open = batch.progress.total - batch.progress.finished
  return (
    <>
      <Button variant="default" leftSection={<IconPlayerStop size={16} stroke={1.7} />} onClick={dialog.open}>
        Cancel batch
      </Button>
      <Modal opened={isOpen} onClose={dialog.close} title="Cancel this batch?" centered>
        <Stack>
          <Text size="sm">
            {formatCount(open)} unfinished {open === 1 ? 'case' : 'cases'} of “{batch.name}” will be stopped
            now. Finished cases keep their results. A cancelled batch cannot be resumed.
          </Text>
          {cancel.error !== null && <ErrorNotice error={cancel.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={dialog.close} data-autofocus>
              Go on simulating
            </Button>
            <Button
              color="red"
              loading={cancel.isPending}
              onClick={() => cancel.mutate(undefined, { onSuccess: dialog.close })}
            >
              Stop {formatCount(open)} {open === 1 ? 'case' : 'cases'}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
