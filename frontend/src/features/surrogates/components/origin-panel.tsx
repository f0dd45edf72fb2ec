import { List, Text } from '@mantine/core'

import type { Surrogate } from '@/api'
import { TextLink } from '@/components/ui/links'
import { Panel } from '@/components/ui/panel'
import { formatCount } from '@/format/numbers'

import { readLeftOut } from '../api/report'

/** What a surrogate was trained on, and what of that was left out. */
export function OriginPanel({ surrogate }: { surrogate: Surrogate }) {
  const { cases, metrics } = readLeftOut(surrogate)
  const isKnown = surrogate.cases_used !== null
  return (
    <Panel title="Trained on">
      <List size="sm" spacing={4}>
        {surrogate.parents.map(({ batch, name, cases_used }) => (
          <List.Item key={batch ?? name}>
            {batch === null ? (
              `${name} (deleted since)`
            ) : (
              <TextLink to="/batches/$batchId" params={{ batchId: batch }} size="sm">
                {name}
              </TextLink>
            )}
            {isKnown && `: ${countCases(cases_used)}`}
          </List.Item>
        ))}
      </List>
      {surrogate.parents.length === 0 && (
        <Text size="sm">
          {isKnown ? `A table or a file: ${countCases(surrogate.cases_used ?? 0)}.` : 'A table or a file.'}
        </Text>
      )}
      {cases.length > 0 && (
        <Text size="sm" c="dimmed" mt="xs">
          Left out: {cases.map(([reason, count]) => `${formatCount(count)} ${reason}`).join(', ')}.
        </Text>
      )}
      {metrics.length > 0 && (
        <Text size="sm" c="dimmed" mt={4}>
          Not answered for, since cases lack them:{' '}
          {metrics.map(([name, gaps]) => `${name} (${countCases(gaps)})`).join(', ')}.
        </Text>
      )}
    </Panel>
  )
}

function countCases(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'case' : 'cases'}`
}
