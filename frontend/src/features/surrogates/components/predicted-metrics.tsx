import { Table } from '@mantine/core'

import type { Prediction, Surrogate } from '@/api'
import { formatNumber, formatUnit } from '@/format/numbers'

type PredictedMetricsProps = {
  surrogate: Surrogate
  prediction: Prediction
  /** Whether this is the answer to an earlier question. */
  isBehind: boolean
}

/** What a surrogate says of one point: each metric with its interval. */
export function PredictedMetrics({ surrogate, prediction, isBehind }: PredictedMetricsProps) {
  return (
    <Table.ScrollContainer minWidth={420}>
      <Table verticalSpacing={4} aria-label="Prediction" style={{ opacity: isBehind ? 0.6 : 1 }}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Metric</Table.Th>
            <Table.Th>Unit</Table.Th>
            <Table.Th ta="right">Predicted</Table.Th>
            <Table.Th ta="right">Interval</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {surrogate.metrics.map(({ name }) => {
            const said = prediction.metrics[name]
            if (said === undefined) return null
            return (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={400} title={name}>
                  {said.label}
                </Table.Th>
                <Table.Td>{formatUnit(said.unit) || '–'}</Table.Td>
                <Table.Td ta="right" fw={600}>
                  {formatNumber(said.mean[0], 4)}
                </Table.Td>
                <Table.Td ta="right">
                  {formatNumber(said.low[0], 4)} to {formatNumber(said.high[0], 4)}
                </Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
