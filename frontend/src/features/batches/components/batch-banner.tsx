import { Alert } from '@mantine/core'
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react'

import type { Batch } from '@/api'
import { formatCount } from '@/format/numbers'

import { countOutcomes } from '../api/batches'

/** What somebody should know of this batch before reading its numbers. */
export function BatchBanner({ batch }: { batch: Batch }) {
  const { counts, verdicts, progress } = batch
  if (batch.state === 'failed') {
    const reason = batch.error ?? ''
    return (
      <Alert color="red" icon={<IconAlertTriangle />} title="This batch failed" role="alert">
        {reason === ''
          ? `All ${formatCount(progress.total)} cases failed; the table below says why.`
          : reason}
      </Alert>
    )
  }
  if (batch.state === 'cancelled') {
    return (
      <Alert color="orange" icon={<IconInfoCircle />} title="This batch was cancelled">
        {formatCount(countOutcomes(batch))} of {formatCount(progress.total)} cases had finished and keep their
        results.
      </Alert>
    )
  }
  if (counts.failed + verdicts.suspect === 0) return null
  const parts = [
    counts.failed > 0 ? `${formatCount(counts.failed)} failed` : '',
    verdicts.suspect > 0 ? `${formatCount(verdicts.suspect)} suspect` : '',
  ].filter((part) => part !== '')
  return (
    <Alert
      color="yellow"
      icon={<IconAlertTriangle />}
      title={`${parts.join(', ')} of ${formatCount(progress.total)} cases`}
    >
      Failed cases have no results; suspect ones have, with the reasons for doubt in the table below.
    </Alert>
  )
}
