import { Badge } from '@mantine/core'

const COLORS: Record<string, string> = {
  queued: 'gray',
  expanding: 'blue',
  pending: 'gray',
  running: 'blue',
  aggregating: 'blue',
  training: 'blue',
  ready: 'teal',
  completed: 'teal',
  succeeded: 'teal',
  valid: 'teal',
  cached: 'cyan',
  suspect: 'yellow',
  cancelled: 'orange',
  failed: 'red',
}

/** The state of a batch, a case or a surrogate, a verdict, or that a case was taken over: always the word, and a colour with it. */
export function StateBadge({ state, size = 'sm' }: { state: string; size?: 'xs' | 'sm' | 'md' | 'lg' }) {
  return (
    <Badge color={COLORS[state] ?? 'gray'} variant="light" size={size} radius="sm" tt="none" fw={600}>
      {state}
    </Badge>
  )
}
