import { Group, Paper, Table, Text, Tooltip } from '@mantine/core'

import type { BatchSummary } from '@/api'
import { TextLink } from '@/components/ui/links'
import { ProgressBar } from '@/components/ui/progress-bar'
import { StateBadge } from '@/components/ui/state-badge'
import { formatCount, formatPercent } from '@/format/numbers'
import { formatAgo, formatDuration, formatMoment, secondsBetween } from '@/format/times'

import { countOutcomes, describeQueue, isActive } from '../api/batches'

export function BatchTable({ batches }: { batches: readonly BatchSummary[] }) {
  return (
    <Paper withBorder>
      <Table.ScrollContainer minWidth={720}>
        <Table verticalSpacing={8} horizontalSpacing="md" highlightOnHover aria-label="Batches">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th w={260}>Progress</Table.Th>
              <Table.Th ta="right">Cases</Table.Th>
              <Table.Th ta="right">Time</Table.Th>
              <Table.Th>Created</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {batches.map((batch) => (
              <BatchRow key={batch.id} batch={batch} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  )
}

function BatchRow({ batch }: { batch: BatchSummary }) {
  const { total } = batch.progress
  return (
    <Table.Tr>
      <Table.Td maw={320}>
        <TextLink to="/batches/$batchId" params={{ batchId: batch.id }} fw={500} size="sm">
          {batch.name}
        </TextLink>
      </Table.Td>
      <Table.Td>
        <StateBadge state={batch.state} />
      </Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <div style={{ flex: 1 }}>
            <ProgressBar counts={batch.counts} total={total} size="sm" />
          </div>
          <Text size="xs" c="dimmed" w={44} ta="right" className="tabular">
            {formatPercent(countOutcomes(batch), total)}
          </Text>
        </Group>
      </Table.Td>
      <Table.Td ta="right">
        {formatCount(batch.case_count)}
        {batch.counts.failed > 0 && (
          <Text size="xs" c="var(--mantine-color-error)">
            {formatCount(batch.counts.failed)} failed
          </Text>
        )}
      </Table.Td>
      <Table.Td ta="right">{isActive(batch) ? formatLeft(batch) : formatSpent(batch)}</Table.Td>
      <Table.Td>
        <Tooltip label={formatMoment(batch.created_at)}>
          <span>{formatAgo(batch.created_at)}</span>
        </Tooltip>
      </Table.Td>
    </Table.Tr>
  )
}

function formatLeft(batch: BatchSummary): string {
  if (batch.queue !== null) return describeQueue(batch.queue)
  return batch.eta_s === null ? '–' : `${formatDuration(batch.eta_s)} left`
}

function formatSpent(batch: BatchSummary): string {
  return formatDuration(secondsBetween(batch.started_at, batch.finished_at))
}
