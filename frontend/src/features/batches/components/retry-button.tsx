import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconRefresh } from '@tabler/icons-react'

import type { Batch } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { formatCount } from '@/format/numbers'

import { useRetryBatch } from '../api/rerun'

/** Runs the failed cases of a batch again, after asking whether that is meant. */
export function RetryButton({ batch }: { batch: Batch }) {
  const [isOpen, dialog] = useDisclosure(false)
  const retry = useRetryBatch(batch.id)
  const count = formatCount(batch.counts.failed)
  const cases = `${count} ${batch.counts.failed === 1 ? 'case' : 'cases'}`
  return (
    <>
      <Button variant="default" leftSection={<IconRefresh size={16} stroke={1.7} />} onClick={dialog.open}>
        Run failed cases again ({count})
      </Button>
      <Modal opened={isOpen} onClose={dialog.close} title="Run the failed cases again?" centered>
        <Stack>
          <Text size="sm">
            {cases} of “{batch.name}” failed and will be simulated again. What succeeded stays as it is. A
            case whose model or values are at fault will fail again.
          </Text>
          {retry.error !== null && <ErrorNotice error={retry.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={dialog.close} data-autofocus>
              Leave them
            </Button>
            <Button
              loading={retry.isPending}
              onClick={() => retry.mutate(undefined, { onSuccess: dialog.close })}
            >
              Run {cases} again
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
