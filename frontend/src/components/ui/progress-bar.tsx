import { Progress } from '@mantine/core'

import { formatCount } from '@/format/numbers'

type Counts = { pending: number; running: number; succeeded: number; failed: number; cancelled: number }

const PARTS = [
  { state: 'succeeded', color: 'teal' },
  { state: 'failed', color: 'red' },
  { state: 'cancelled', color: 'orange' },
  { state: 'running', color: 'blue' },
] as const

/** Cases by state over all cases, as one bar; running cases are the striped part. */
export function ProgressBar({
  counts,
  total,
  size = 'md',
}: {
  counts: Counts
  total: number
  size?: string
}) {
  const finished = counts.succeeded + counts.failed
  return (
    <Progress.Root
      size={size}
      radius="sm"
      role="progressbar"
      aria-label={`${formatCount(finished)} of ${formatCount(total)} cases finished`}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={finished}
    >
      {PARTS.filter(({ state }) => counts[state] > 0).map(({ state, color }) => (
        <Progress.Section
          key={state}
          value={total === 0 ? 0 : (100 * counts[state]) / total}
          color={color}
          striped={state === 'running'}
          animated={state === 'running'}
          withAria={false}
          title={`${formatCount(counts[state])} ${state}`}
        />
      ))}
    </Progress.Root>
  )
}
