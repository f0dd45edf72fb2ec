import { useElementSize } from '@mantine/hooks'

import { formatNumber } from '@/format/numbers'

import classes from './charts.module.css'
import { makeScale, rangeOf } from './scale'
import { YAxis } from './y-axis'

type StepLineProps = { label: string; values: readonly number[]; xLabel: string; yLabel: string }

const HEIGHT = 220
const MARGIN = { left: 70, right: 16, top: 12, bottom: 44 }

/** One value for each step, from the first: how a search got better. */
export function StepLine({ label, values, xLabel, yLabel }: StepLineProps) {
  const { ref, width: measured } = useElementSize()
  const width = measured || 720
  const bottom = HEIGHT - MARGIN.bottom
  const x = makeScale([1, Math.max(2, values.length)], [MARGIN.left, width - MARGIN.right])
  const y = makeScale(rangeOf(values), [bottom, MARGIN.top], 4)
  const steps = x.ticks.filter(Number.isInteger)
  return (
    <div ref={ref} className={classes.frame}>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        height={HEIGHT}
        role="img"
        aria-label={label}
      >
        <YAxis scale={y} left={MARGIN.left} right={width - MARGIN.right} />
        {steps.map((step) => (
          <text key={step} className={classes.tick} x={x.at(step)} y={bottom + 15} textAnchor="middle">
            {step}
          </text>
        ))}
        <polyline
          className={classes.front}
          points={values.map((value, at) => `${x.at(at + 1)},${y.at(value)}`).join(' ')}
        />
        {values.map((value, at) => (
          <circle key={at} className={classes.marked} cx={x.at(at + 1)} cy={y.at(value)} r={4}>
            <title>{`${xLabel} ${at + 1}: ${formatNumber(value)}`}</title>
          </circle>
        ))}
        <text
          className={classes.label}
          x={(MARGIN.left + width - MARGIN.right) / 2}
          y={HEIGHT - 8}
          textAnchor="middle"
        >
          {xLabel}
        </text>
        <text
          className={classes.label}
          transform={`translate(12 ${(MARGIN.top + bottom) / 2}) rotate(-90)`}
          textAnchor="middle"
        >
          {yLabel}
        </text>
      </svg>
    </div>
  )
}
