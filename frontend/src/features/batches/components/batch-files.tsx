import { Anchor, Text } from '@mantine/core'

import type { Batch } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { formatMoment } from '@/format/times'

import { useChangeBatch } from '../api/change'
import { isActive } from '../api/batches'

/** What becomes of the files of a batch that has ended: when they go, went, or that they are kept. */
export function BatchFiles({ batch }: { batch: Batch }) {
  const change = useChangeBatch(batch.id)
  const fate = describeFate(batch)
  if (fate === null) return null
  return (
    <>
      <Text size="xs" c="dimmed">
        {fate}{' '}
        {batch.outputs_removed_at === null && (
          <Anchor
            component="button"
            type="button"
            size="xs"
            disabled={change.isPending}
            onClick={() => change.mutate({ keep: !batch.keep })}
          >
            {batch.keep ? 'Let them go' : 'Keep them'}
          </Anchor>
        )}
      </Text>
      {change.error !== null && <ErrorNotice error={change.error} />}
    </>
  )
}

function describeFate(batch: Batch): string | null {
  if (isActive(batch)) return null
  if (batch.outputs_removed_at !== null)
    return `The files of its cases were removed ${formatMoment(batch.outputs_removed_at)}; the table is there.`
  if (batch.keep) return 'The files of its cases are kept.'
  if (batch.outputs_due_at === null) return null
  return `The files of its cases are due to be removed ${formatMoment(batch.outputs_due_at)}.`
}
