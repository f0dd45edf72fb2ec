import { formatNumber } from '@/format/numbers'

import classes from './charts.module.css'
import type { Scale } from './scale'

/** `left` and `right`: where its lines begin and end. */
type YAxisProps = { scale: Scale; left: number; right: number }

/** A line across the chart and a number beside it for each tick. */
export function YAxis({ scale, left, right }: YAxisProps) {
  return scale.ticks.map((tick) => (
    <g key={tick}>
      <line className={classes.axis} x1={left} x2={right} y1={scale.at(tick)} y2={scale.at(tick)} />
      <text className={classes.tick} x={left - 6} y={scale.at(tick) + 4} textAnchor="end">
        {formatNumber(tick, 5)}
      </text>
    </g>
  ))
}
