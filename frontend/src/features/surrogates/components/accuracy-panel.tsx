import { Stack, Table, Text, Title } from '@mantine/core'

import type { Surrogate } from '@/api'
import { Panel } from '@/components/ui/panel'
import { formatCount, formatNumber, formatShare, formatUnit } from '@/format/numbers'
import { formatDuration } from '@/format/times'

import { nameKind } from '../api/kinds'
import type { Report } from '../api/report'

type AccuracyPanelProps = { surrogate: Surrogate; report: Report }

/** How good a surrogate is on cases that it was not trained on, what it had to beat, and what more cases would do. */
export function AccuracyPanel({ surrogate, report }: AccuracyPanelProps) {
  const facts = new Map(surrogate.metrics.map((metric) => [metric.name, metric]))
  const labelOf = (name: string) => facts.get(name)?.label ?? name
  return (
    <Panel
      title="Accuracy"
      aside={
        <Text size="xs" c="dimmed">
          {nameKind(report.kind)}, {formatCount(report.cases)} cases; on cases that it was not trained on
        </Text>
      }
    >
      <Stack gap="lg">
        <AccuracyTable report={report} labelOf={labelOf} unitOf={(name) => facts.get(name)?.unit ?? ''} />
        <Candidates report={report} />
        {report.curve.length > 0 && <LearningCurve report={report} labelOf={labelOf} />}
      </Stack>
    </Panel>
  )
}

type TableProps = { report: Report; labelOf: (name: string) => string }

function AccuracyTable({ report, labelOf, unitOf }: TableProps & { unitOf: (name: string) => string }) {
  return (
    <Table.ScrollContainer minWidth={680}>
      <Table verticalSpacing={4} aria-label="Accuracy">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Metric</Table.Th>
            <Table.Th>Unit</Table.Th>
            <Table.Th ta="right">Mean</Table.Th>
            <Table.Th ta="right">RMSE</Table.Th>
            <Table.Th ta="right" title="Share of the variance that is explained.">
              R²
            </Table.Th>
            <Table.Th ta="right" title="RMSE over the mean.">
              CVRMSE
            </Table.Th>
            <Table.Th ta="right" title="Mean error over the mean.">
              NMBE
            </Table.Th>
            <Table.Th ta="right" title="Share of the cases that lie within their interval.">
              In {formatShare(report.level)} interval
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {report.accuracy.map(({ metric, mean, rmse, r2, cvrmse, nmbe, coverage }) => (
            <Table.Tr key={metric}>
              <Table.Th scope="row" fw={400} title={metric}>
                {labelOf(metric)}
              </Table.Th>
              <Table.Td>{formatUnit(unitOf(metric)) || '–'}</Table.Td>
              <Table.Td ta="right">{formatNumber(mean, 4)}</Table.Td>
              <Table.Td ta="right">{formatNumber(rmse, 3)}</Table.Td>
              <Table.Td ta="right">{formatNumber(r2, 4)}</Table.Td>
              <Table.Td ta="right">{formatSigned(cvrmse)}</Table.Td>
              <Table.Td ta="right">{formatSigned(nmbe)}</Table.Td>
              <Table.Td ta="right">{formatShare(coverage)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** A share that may be negative, or is not defined. */
function formatSigned(share: number | null | undefined): string {
  return share === null || share === undefined ? '–' : `${formatNumber(100 * share, 2)} %`
}

function Candidates({ report }: { report: Report }) {
  return (
    <div>
      <Title order={3} size="sm" mb={4}>
        What was tried
      </Title>
      <Table verticalSpacing={4} maw={560} aria-label="Candidates">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Kind</Table.Th>
            <Table.Th ta="right" title="RMSE over the standard deviation, mean of the metrics.">
              Error
            </Table.Th>
            <Table.Th ta="right">Processor time</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {report.candidates.map(({ kind, error, fit_s }) => (
            <Table.Tr key={kind}>
              <Table.Td>
                {nameKind(kind)}
                {kind === report.kind && (
                  <Text span size="xs" c="dimmed">
                    {' '}
                    kept
                  </Text>
                )}
              </Table.Td>
              <Table.Td ta="right">{formatSigned(error)}</Table.Td>
              <Table.Td ta="right">{formatDuration(fit_s)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function LearningCurve({ report, labelOf }: TableProps) {
  return (
    <div>
      <Title order={3} size="sm" mb={4}>
        Learning curve: CVRMSE after fewer cases
      </Title>
      <Table.ScrollContainer minWidth={560}>
        <Table verticalSpacing={4} aria-label="Learning curve">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Metric</Table.Th>
              {report.curve.map(({ cases }, at) => (
                <Table.Th key={at} ta="right">
                  {formatCount(cases)} cases
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {report.accuracy.map(({ metric }) => (
              <Table.Tr key={metric}>
                <Table.Th scope="row" fw={400}>
                  {labelOf(metric)}
                </Table.Th>
                {report.curve.map(({ cvrmse }, at) => (
                  <Table.Td key={at} ta="right">
                    {formatSigned(cvrmse[metric])}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  )
}
