import { Table, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'

import type { CaseDetail } from '@/api'
import { formatNumber, formatUnit } from '@/format/numbers'

import { columnsOptions } from '../api/batches'

type CaseMetricsProps = { batchId: string; metrics: NonNullable<CaseDetail['metrics']> }

/** The metrics of a case in the order and with the units of the result table. */
export function CaseMetrics({ batchId, metrics }: CaseMetricsProps) {
  const columns = useQuery(columnsOptions(batchId))
  const known = new Map(columns.data?.map((column, position) => [column.name, { ...column, position }]))
  const rows = Object.entries(metrics)
    .map(([name, value]) => ({ name, value, column: known.get(name) }))
    .sort((one, other) => (one.column?.position ?? Infinity) - (other.column?.position ?? Infinity))
  return (
    <section>
      <Title order={3} mb={4}>
        Metrics
      </Title>
      <Table verticalSpacing={3} horizontalSpacing="xs" withRowBorders={false} striped>
        <Table.Tbody>
          {rows.map(({ name, value, column }) => (
            <Table.Tr
              key={name}
              title={value === null ? 'The run did not produce it' : `${name} = ${value.toString()}`}
            >
              <Table.Th fw={400} scope="row">
                {column?.label ?? name}
              </Table.Th>
              <Table.Td ta="right" fw={500}>
                {formatNumber(value, 6)}
              </Table.Td>
              <Table.Td c="dimmed" w={80}>
                {formatUnit(column?.unit)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}
