import { Alert, List } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'

import type { ComparisonSummary } from '@/api'
import { formatCount } from '@/format/numbers'

const REASONS: Record<string, string> = {
  duplicate: 'repeat an earlier case',
  ambiguous: 'cannot be told apart by what both batches vary',
  other_model: 'are of a model that the other batch has not',
  other_weather: 'are under weather that the other batch has not',
  other_values: 'have values that the other batch has not',
}

/** How many cases are paired, which are not and why, and what else differs. */
export function ComparisonSummaryText({ summary }: { summary: ComparisonSummary }) {
  const { matched, unmatched, other_unmatched, notes } = summary
  const lines = [
    ...unmatched.map(({ reason, count }) => describe('this batch', reason, count)),
    ...other_unmatched.map(({ reason, count }) => describe('the other', reason, count)),
    ...notes.map((note) => note.replaceAll('`', '')),
  ]
  return (
    <Alert
      variant="light"
      color={matched > 0 ? 'blue' : 'yellow'}
      icon={<IconInfoCircle size={18} />}
      title={
        matched > 0 ? `${formatCount(matched)} pairs of cases` : 'No case of one has a partner in the other'
      }
      p="sm"
    >
      {lines.length > 0 && (
        <List size="sm" spacing={2}>
          {lines.map((line) => (
            <List.Item key={line}>{line}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  )
}

function describe(whose: string, reason: string, count: number): string {
  return `${formatCount(count)} of ${whose} ${REASONS[reason] ?? reason.replaceAll('_', ' ')}`
}
