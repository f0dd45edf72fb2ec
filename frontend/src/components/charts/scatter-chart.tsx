import { useElementSize } from '@mantine/hooks'
import { useState, type ReactNode } from 'react'

import { formatNumber } from '@/format/numbers'

import classes from './charts.module.css'
import { makeScale, rangeOf, type Scale } from './scale'
import { YAxis } from './y-axis'

export type ScatterPoint = {
  key: string
  x: number
  y: number
  /** Drawn above the others and reachable by keyboard. */
  isMarked: boolean
  /** Shown while one points at it. */
  note: ReactNode
  /** The same in plain words, for those who do not see it. */
  spoken: string
}

type ScatterChartProps = {
  label: string
  points: readonly ScatterPoint[]
  xLabel: string
  yLabel: string
  /** Whether a line joins the marked points, in the order of x. */
  isJoined?: boolean
  /** Whether both axes are alike, with a line where both values are equal. */
  hasDiagonal?: boolean
  onOpen?: (key: string) => void
}

const HEIGHT = 380
const MARGIN = { left: 70, right: 16, top: 12, bottom: 44 }
const RADIUS = 3
const MARKED_RADIUS = 5

/** Points over two axes, some of them marked. */
export function ScatterChart(props: ScatterChartProps) {
  const { label, points, xLabel, yLabel, isJoined = false, hasDiagonal = false, onOpen } = props
  const { ref, width: measured } = useElementSize()
  const width = measured || 720
  const [pointed, setPointed] = useState<ScatterPoint | null>(null)
  const across = points.map((point) => point.x)
  const up = points.map((point) => point.y)
  const both = rangeOf([...across, ...up])
  const [xRange, yRange] = hasDiagonal ? [both, both] : [rangeOf(across), rangeOf(up)]
  const x = makeScale(xRange, [MARGIN.left, width - MARGIN.right], width < 480 ? 3 : 9)
  const y = makeScale(yRange, [HEIGHT - MARGIN.bottom, MARGIN.top], 7)
  const marked = points.filter(({ isMarked }) => isMarked).sort((one, other) => one.x - other.x)
  return (
    <div ref={ref} className={classes.frame}>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        height={HEIGHT}
        role="group"
        aria-label={label}
      >
        <Axes x={x} y={y} width={width} xLabel={xLabel} yLabel={yLabel} />
        {hasDiagonal && (
          <line
            className={classes.diagonal}
            x1={x.at(both[0])}
            y1={y.at(both[0])}
            x2={x.at(both[1])}
            y2={y.at(both[1])}
          />
        )}
        {isJoined && (
          <polyline
            className={classes.front}
            points={marked.map((point) => `${x.at(point.x)},${y.at(point.y)}`).join(' ')}
          />
        )}
        {points
          .filter(({ isMarked }) => !isMarked)
          .map((point) => (
            <circle
              key={point.key}
              className={classes.dot}
              cx={x.at(point.x)}
              cy={y.at(point.y)}
              r={RADIUS}
              onPointerEnter={() => setPointed(point)}
              onPointerLeave={() => setPointed(null)}
              onClick={() => onOpen?.(point.key)}
            />
          ))}
        {marked.map((point) => (
          <circle
            key={point.key}
            className={`${classes.marked ?? ''} ${classes.target ?? ''}`}
            cx={x.at(point.x)}
            cy={y.at(point.y)}
            r={MARKED_RADIUS}
            role="button"
            tabIndex={0}
            aria-label={point.spoken}
            onPointerEnter={() => setPointed(point)}
            onPointerLeave={() => setPointed(null)}
            onFocus={() => setPointed(point)}
            onBlur={() => setPointed(null)}
            onClick={() => onOpen?.(point.key)}
            onKeyDown={(event) => (event.key === 'Enter' || event.key === ' ') && onOpen?.(point.key)}
          />
        ))}
      </svg>
      {pointed !== null && (
        <div
          className={classes.note}
          style={{
            left: Math.min(Math.max(x.at(pointed.x), 90), width - 90),
            top: Math.max(y.at(pointed.y), 60),
          }}
        >
          {pointed.note}
        </div>
      )}
    </div>
  )
}

type AxesProps = { x: Scale; y: Scale; width: number; xLabel: string; yLabel: string }

function Axes({ x, y, width, xLabel, yLabel }: AxesProps) {
  const bottom = HEIGHT - MARGIN.bottom
  const middle = (MARGIN.top + bottom) / 2
  return (
    <>
      {x.ticks.map((tick) => (
        <g key={tick}>
          <line className={classes.axis} x1={x.at(tick)} x2={x.at(tick)} y1={MARGIN.top} y2={bottom} />
          <text className={classes.tick} x={x.at(tick)} y={bottom + 15} textAnchor="middle">
            {formatNumber(tick, 5)}
          </text>
        </g>
      ))}
      <YAxis scale={y} left={MARGIN.left} right={width - MARGIN.right} />
      <text
        className={classes.label}
        x={(MARGIN.left + width - MARGIN.right) / 2}
        y={HEIGHT - 8}
        textAnchor="middle"
      >
        {xLabel}
      </text>
      <text className={classes.label} transform={`translate(12 ${middle}) rotate(-90)`} textAnchor="middle">
        {yLabel}
      </text>
    </>
  )
}
