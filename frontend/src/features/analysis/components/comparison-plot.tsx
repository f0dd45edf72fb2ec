import { NativeSelect, Stack, Text } from '@mantine/core'
import { useState } from 'react'

import { ScatterChart } from '@/components/charts/scatter-chart'
import { Panel } from '@/components/ui/panel'
import { formatNumber } from '@/format/numbers'

import type { TableRow } from '../api/valuation'
import { describeColumns } from '../draft/columns'

const MOST_POINTS = 2000

type ComparisonPlotProps = { rows: readonly TableRow[]; metrics: readonly string[] }

/** A metric of each pair, this batch up and the other across: below the line, this batch has less. */
export function ComparisonPlot({ rows, metrics }: ComparisonPlotProps) {
  const columns = new Map(describeColumns(rows, []).map((column) => [column.name, column]))
  const labelOf = (name: string) => {
    const { label = name, unit = null } = columns.get(name) ?? {}
    return unit === null ? label : `${label} [${unit}]`
  }
  const shown = metrics.filter((name) => listPairs(rows, name).length > 0)
  const [chosen, setChosen] = useState<string | null>(null)
  const metric = chosen ?? shown[0]
  if (metric === undefined) return null
  const pairs = listPairs(rows, metric)
  return (
    <Panel
      title="Pair by pair"
      aside={
        <NativeSelect
          size="xs"
          aria-label="Metric"
          data={shown.map((name) => ({ value: name, label: labelOf(name) }))}
          value={metric}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
      }
    >
      <Stack gap="xs">
        <ScatterChart
          label={`${labelOf(metric)} of both batches`}
          xLabel={`the other: ${labelOf(metric)}`}
          yLabel="this batch"
          hasDiagonal
          points={pairs.slice(0, MOST_POINTS).map(({ index, mine, theirs }) => ({
            key: index,
            x: theirs,
            y: mine,
            isMarked: false,
            spoken: '',
            note: (
              <>
                <strong>Case {index}</strong>
                <br />
                {formatNumber(mine)} here, {formatNumber(theirs)} there
              </>
            ),
          }))}
        />
        <Text size="xs" c="dimmed">
          {describeDifference(pairs)}
        </Text>
      </Stack>
    </Panel>
  )
}

type Pair = { index: string; mine: number; theirs: number }

function listPairs(rows: readonly TableRow[], metric: string): Pair[] {
  return rows.flatMap((row) => {
    const [mine, theirs] = [row[metric], row[`other_${metric}`]]
    return typeof mine === 'number' && typeof theirs === 'number'
      ? [{ index: String(row.case), mine, theirs }]
      : []
  })
}

function describeDifference(pairs: readonly Pair[]): string {
  const differences = pairs.map(({ mine, theirs }) => mine - theirs)
  const mean = differences.reduce((sum, difference) => sum + difference, 0) / differences.length
  const less = differences.filter((difference) => difference < 0).length
  return `On average ${formatNumber(Math.abs(mean))} ${mean < 0 ? 'less' : 'more'} than the other; less in ${less.toString()} of ${pairs.length.toString()} pairs. Below the line, this batch has less.`
}
