import { useElementSize } from '@mantine/hooks'

import { formatNumber } from '@/format/numbers'

import classes from './charts.module.css'
import { makeScale, rangeOf, type Scale } from './scale'

export type Measured = {
  value: number | null
  /** Ends of the confidence interval. */
  low?: number | null
  high?: number | null
}

export type BarRow = {
  key: string
  label: string
  /** One bar for each series. */
  bars: readonly Measured[]
}

type IntervalBarsProps = {
  /** What is shown, for those who do not see it. */
  label: string
  rows: readonly BarRow[]
  series: readonly string[]
}

const BAR = 12
const GAP = 12
const HEAD = 4
const FOOT = 22
const NARROW = 480

/** Horizontal bars from zero, each with its confidence interval. */
export function IntervalBars({ label, rows, series }: IntervalBarsProps) {
  const { ref, width: measured } = useElementSize()
  const width = measured || 720
  const left = Math.min(width < NARROW ? 0.36 * width : 0.3 * width, 10 + 6.6 * longest(rows))
  const rowHeight = series.length * BAR + GAP
  const height = HEAD + rows.length * rowHeight + FOOT
  const values = rows.flatMap(({ bars }) => bars.flatMap(({ value, low, high }) => [value, low, high]))
  const range = rangeOf(
    values.filter((value) => typeof value === 'number'),
    [0],
  )
  const scale = makeScale(range, [left, width - 50], width < NARROW ? 3 : 6)
  return (
    <div ref={ref} className={classes.frame}>
      <svg
        className={classes.chart}
        viewBox={`0 0 ${width} ${height}`}
        height={height}
        role="img"
        aria-label={label}
      >
        <Grid scale={scale} top={HEAD} bottom={height - FOOT} />
        {rows.map((row, at) => (
          <g key={row.key} transform={`translate(0 ${HEAD + at * rowHeight + GAP / 2})`}>
            <text className={classes.label} x={left - 8} y={(rowHeight - GAP) / 2 + 4} textAnchor="end">
              {shorten(row.label, left)}
              <title>{row.label}</title>
            </text>
            {row.bars.map((bar, position) => (
              <Bar
                key={series[position]}
                bar={bar}
                scale={scale}
                y={position * BAR}
                series={series[position] ?? ''}
                isPaired={position > 0}
              />
            ))}
          </g>
        ))}
      </svg>
    </div>
  )
}

function longest(rows: readonly BarRow[]): number {
  return Math.max(...rows.map(({ label }) => label.length), 4)
}

function shorten(label: string, room: number): string {
  const most = Math.floor((room - 8) / 6.2)
  return label.length > most ? `${label.slice(0, Math.max(1, most - 1))}…` : label
}

function Grid({ scale, top, bottom }: { scale: Scale; top: number; bottom: number }) {
  return (
    <>
      {scale.ticks.map((tick) => (
        <g key={tick}>
          <line
            className={tick === 0 ? classes.zero : classes.axis}
            x1={scale.at(tick)}
            x2={scale.at(tick)}
            y1={top}
            y2={bottom}
          />
          <text className={classes.tick} x={scale.at(tick)} y={bottom + 15} textAnchor="middle">
            {formatNumber(tick, 4)}
          </text>
        </g>
      ))}
    </>
  )
}

type BarProps = { bar: Measured; scale: Scale; y: number; series: string; isPaired: boolean }

function Bar({ bar: { value, low, high }, scale, y, series, isPaired }: BarProps) {
  if (value === null) return null
  const [zero, end] = [scale.at(0), scale.at(value)]
  const hasInterval = typeof low === 'number' && typeof high === 'number'
  const reach = Math.max(zero, end, hasInterval ? scale.at(high) : 0)
  const said = hasInterval ? ` (${formatNumber(low, 3)} to ${formatNumber(high, 3)})` : ''
  return (
    <g>
      <title>{`${series} ${formatNumber(value, 4)}${said}`.trim()}</title>
      <rect
        className={isPaired ? classes.paired : classes.bar}
        x={Math.min(zero, end)}
        width={Math.max(1, Math.abs(end - zero))}
        y={y + 1}
        height={BAR - 2}
        rx={1.5}
      />
      {hasInterval && (
        <g fill="none">
          <path className={classes.halo} d={drawInterval(scale.at(low), scale.at(high), y)} />
          <path className={classes.interval} d={drawInterval(scale.at(low), scale.at(high), y)} />
        </g>
      )}
      <text className={classes.tick} x={reach + 6} y={y + BAR - 2}>
        {formatNumber(value, 3)}
      </text>
    </g>
  )
}

/** A line from end to end with a stroke across each. */
function drawInterval(low: number, high: number, y: number): string {
  const stroke = `v${BAR - 6}`
  return `M${low} ${y + 3}${stroke}M${high} ${y + 3}${stroke}M${low} ${y + BAR / 2}H${high}`
}
