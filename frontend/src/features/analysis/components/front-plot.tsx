import { Group, NativeSelect, Stack, Text } from '@mantine/core'
import { useState } from 'react'

import type { Front } from '@/api'
import { ScatterChart } from '@/components/charts/scatter-chart'
import { StepLine } from '@/components/charts/step-line'
import { Panel } from '@/components/ui/panel'
import { formatNumber, formatUnit } from '@/format/numbers'

import { bestByGeneration, type Objective, type SearchPoint } from '../api/front'

type FrontPlotProps = { front: Front; onOpen: (index: number) => void }

/** Two objectives against each other, or one of them by generation. */
export function FrontPlot({ front, onOpen }: FrontPlotProps) {
  const { objectives, points } = front
  const [chosen, setChosen] = useState<readonly [number, number]>([0, 1])
  const [x, y] = [objectives[chosen[0]], objectives[chosen[1]]]
  if (x === undefined) return null
  if (y === undefined) {
    return (
      <Panel title="The best so far">
        <StepLine
          label={`Best ${x.label} by generation`}
          values={bestByGeneration(points, x)}
          xLabel="Generation"
          yLabel={withUnit(x)}
        />
      </Panel>
    )
  }
  return (
    <Panel title="Front">
      <Stack gap="xs">
        {objectives.length > 2 && (
          <Group gap="sm">
            {(['Across', 'Up'] as const).map((word, axis) => (
              <NativeSelect
                key={word}
                label={word}
                data={objectives.map(({ label }, at) => ({ value: at.toString(), label }))}
                value={chosen[axis]?.toString()}
                onChange={(event) => {
                  const at = Number(event.currentTarget.value)
                  setChosen(axis === 0 ? [at, chosen[1]] : [chosen[0], at])
                }}
              />
            ))}
          </Group>
        )}
        <ScatterChart
          label={`${x.label} and ${y.label} of each case`}
          xLabel={withUnit(x)}
          yLabel={withUnit(y)}
          isJoined={objectives.length === 2}
          points={points.flatMap((point) => drawPoint(point, x, y))}
          onOpen={(key) => onOpen(Number(key))}
        />
        <Text size="xs" c="dimmed">
          No other case is better in every objective than those on the front, which stand out. Choose one to
          see it.
        </Text>
      </Stack>
    </Panel>
  )
}

function drawPoint(point: SearchPoint, x: Objective, y: Objective) {
  const [across, up] = [point.objectives[x.metric], point.objectives[y.metric]]
  if (typeof across !== 'number' || typeof up !== 'number') return []
  const name = `Case ${point.case.toString()}`
  return [
    {
      key: point.case.toString(),
      x: across,
      y: up,
      isMarked: point.on_front,
      spoken: `${name}: ${x.label} ${formatNumber(across)}, ${y.label} ${formatNumber(up)}`,
      note: (
        <>
          <strong>{name}</strong>, generation {point.generation + 1}
          <br />
          {x.label}: {formatNumber(across)} {formatUnit(x.unit)}
          <br />
          {y.label}: {formatNumber(up)} {formatUnit(y.unit)}
        </>
      ),
    },
  ]
}

function withUnit({ label, unit }: Objective): string {
  const shown = formatUnit(unit)
  return shown === '' ? label : `${label} [${shown}]`
}
