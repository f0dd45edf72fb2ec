import { Button, Group, Stack, Text } from '@mantine/core'

import type { Batch } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { formatCount } from '@/format/numbers'

import { useRetryBatch } from '../api/rerun'

type RetryFormProps = { batch: Batch; onDone: () => void }

/** Says what running failed cases again means, and has it done. */
export default function RetryForm({ batch, onDone }: RetryFormProps) {
  const retry = useRetryBatch(batch.id)
  const cases = `${formatCount(batch.counts.failed)} ${batch.counts.failed === 1 ? 'case' : 'cases'}`
  return (
    <Stack>
      <Text size="sm">
        {cases} of “{batch.name}” failed and will be simulated again. What succeeded stays as it is. A case
        whose model or values are at fault will fail again.
      </Text>
      {retry.error !== null && <ErrorNotice error={retry.error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onDone} data-autofocus>
          Leave them
        </Button>
        <Button loading={retry.isPending} onClick={() => retry.mutate(undefined, { onSuccess: onDone })}>
          Run {cases} again
        </Button>
      </Group>
    </Stack>
  )
}
