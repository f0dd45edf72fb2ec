import { Paper, Table, Text, Tooltip } from '@mantine/core'

import type { SurrogateSummary } from '@/api'
import { TextLink } from '@/components/ui/links'
import { StateBadge } from '@/components/ui/state-badge'
import { formatCount, formatNumber, formatShare } from '@/format/numbers'
import { formatAgo, formatMoment } from '@/format/times'

import { nameKind } from '../api/kinds'

export function SurrogateTable({ surrogates }: { surrogates: readonly SurrogateSummary[] }) {
  return (
    <Paper withBorder>
      <Table.ScrollContainer minWidth={720}>
        <Table verticalSpacing={8} horizontalSpacing="md" highlightOnHover aria-label="Surrogates">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th ta="right">Version</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Kind</Table.Th>
              <Table.Th ta="right">Cases</Table.Th>
              <Table.Th ta="right" title="Of its metrics, on cases that it was not trained on.">
                Worst CVRMSE
              </Table.Th>
              <Table.Th>Created</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {surrogates.map((surrogate) => (
              <SurrogateRow key={surrogate.id} surrogate={surrogate} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  )
}

function SurrogateRow({ surrogate }: { surrogate: SurrogateSummary }) {
  const { cases_used, worst_cvrmse } = surrogate
  return (
    <Table.Tr>
      <Table.Td maw={320}>
        <TextLink to="/surrogates/$surrogateId" params={{ surrogateId: surrogate.id }} fw={500} size="sm">
          {surrogate.name}
        </TextLink>
      </Table.Td>
      <Table.Td ta="right">{surrogate.version}</Table.Td>
      <Table.Td>
        <StateBadge state={surrogate.state} />
        {surrogate.state === 'training' && (
          <Text span size="xs" c="dimmed" ml={6} className="tabular">
            {formatNumber(surrogate.progress.percent, 3)} %
          </Text>
        )}
      </Table.Td>
      <Table.Td>{nameKind(surrogate.kind)}</Table.Td>
      <Table.Td ta="right">{cases_used === null ? '–' : formatCount(cases_used)}</Table.Td>
      <Table.Td ta="right">{worst_cvrmse === null ? '–' : formatShare(worst_cvrmse)}</Table.Td>
      <Table.Td>
        <Tooltip label={formatMoment(surrogate.created_at)}>
          <span>{formatAgo(surrogate.created_at)}</span>
        </Tooltip>
      </Table.Td>
    </Table.Tr>
  )
}
