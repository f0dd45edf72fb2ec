import { Text } from '@mantine/core'

import classes from '@/components/charts/charts.module.css'
import { makeScale, rangeOf } from '@/components/charts/scale'
import { YAxis } from '@/components/charts/y-axis'
import { formatCount, formatNumber } from '@/format/numbers'

type LossCurveProps = { part: string; points: readonly [step: number, loss: number][] }

const [WIDTH, HEIGHT] = [360, 150]
const MARGIN = { left: 60, right: 8, top: 8, bottom: 34 }

/** The loss of one part of a training by step. */
export function LossCurve({ part, points }: LossCurveProps) {
  const steps = points.map(([step]) => step)
  const losses = points.map(([, loss]) => loss)
  const bottom = HEIGHT - MARGIN.bottom
  const x = makeScale([steps[0] ?? 0, steps.at(-1) ?? 1], [MARGIN.left, WIDTH - MARGIN.right], 4)
  const y = makeScale(rangeOf(losses), [bottom, MARGIN.top], 3)
  return (
    <div>
      <Text size="xs" fw={600}>
        {part}
      </Text>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Loss of ${part}, now ${formatNumber(losses.at(-1), 4)}`}
      >
        <YAxis scale={y} left={MARGIN.left} right={WIDTH - MARGIN.right} />
        {x.ticks.map((tick) => (
          <text key={tick} className={classes.tick} x={x.at(tick)} y={bottom + 15} textAnchor="middle">
            {formatCount(tick)}
          </text>
        ))}
        <polyline
          className={classes.front}
          points={points.map(([step, loss]) => `${x.at(step)},${y.at(loss)}`).join(' ')}
        />
        <text
          className={classes.label}
          x={(MARGIN.left + WIDTH - MARGIN.right) / 2}
          y={HEIGHT - 4}
          textAnchor="middle"
        >
          step
        </text>
        <text
          className={classes.label}
          transform={`translate(10 ${(MARGIN.top + bottom) / 2}) rotate(-90)`}
          textAnchor="middle"
        >
          loss
        </text>
      </svg>
    </div>
  )
}
