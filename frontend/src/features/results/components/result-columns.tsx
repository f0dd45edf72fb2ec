import { Badge } from '@mantine/core'
import { createColumnHelper } from '@tanstack/react-table'

import type { Column } from '@/api'
import { StateBadge } from '@/components/ui/state-badge'
import type { ColumnLook } from '@/components/ui/virtual-table'
import { formatCell, formatParameterUnit, formatUnit, makeColumnFormat } from '@/format/numbers'

import type { ResultRow } from '../api/results'
import type { resultFeatures } from './result-table'

type Value = ResultRow[string] | undefined

const helper = createColumnHelper<typeof resultFeatures, ResultRow>()
const KEY_WIDTHS: Record<string, number> = { case: 92, state: 104, verdict: 92, weather: 140, model: 140 }
const BADGES = new Set(['state', 'verdict', 'other_state', 'other_verdict'])

/** Numbers by size, texts by the alphabet, nothing always last. */
export function compareValues(one: Value, other: Value): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return String(one).localeCompare(String(other), undefined, { numeric: true })
}

/** Names of what stands in a column by reference. */
export type Names = Partial<Record<string, (ref: string) => string>>

export function makeResultColumns(columns: readonly Column[], rows: readonly ResultRow[], names: Names) {
  return helper.columns(
    columns.map((column) => {
      const format = makeColumnFormat(
        rows.map((row) => row[column.name]).filter((value) => typeof value === 'number'),
      )
      return helper.accessor((row): Value => row[column.name] ?? undefined, {
        id: column.name,
        header: column.kind === 'key' ? capitalise(column.label) : column.label,
        sortUndefined: 'last',
        sortDescFirst: false,
        sortFn: (one, other, id) => compareValues(one.getValue(id), other.getValue(id)),
        cell: ({ getValue }) => showValue(column.name, nameValue(getValue(), names[column.name]), format),
      })
    }),
  )
}

function nameValue(value: Value, nameOf: ((ref: string) => string) | undefined): Value {
  return nameOf !== undefined && typeof value === 'string' ? nameOf(value) : value
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function showValue(name: string, value: Value, format: (value: number) => string) {
  if ((name === 'case' || name === 'other_case') && typeof value === 'number' && value < 0) {
    return (
      <Badge size="xs" radius="sm" variant="outline" color="gray" tt="none">
        baseline
      </Badge>
    )
  }
  if (BADGES.has(name) && typeof value === 'string') return <StateBadge state={value} size="xs" />
  return typeof value === 'number' ? <span title={value.toString()}>{format(value)}</span> : formatCell(value)
}

export function describeLook(columns: readonly Column[]): (columnId: string) => ColumnLook {
  const looks = new Map(
    columns.map((column): [string, ColumnLook] => [
      column.name,
      column.kind === 'key'
        ? {
            width: KEY_WIDTHS[column.name] ?? 120,
            pinned: column.name === 'case',
            numeric: column.name === 'case',
            unit: '',
          }
        : {
            width: widthOf(column),
            numeric: true,
            unit: column.kind === 'parameter' ? formatParameterUnit(column.unit) : formatUnit(column.unit),
          },
    ]),
  )
  return (columnId) => looks.get(columnId) ?? { width: 120 }
}

/** Labels wrap at words, so the longest word decides; names with underscores wrap nowhere. */
function widthOf({ label }: Column): number {
  const longest = Math.max(...label.split(/\s+/).map((word) => word.length))
  return Math.min(260, Math.max(104, 7.4 * longest + 36, 3.7 * label.length + 36))
}

/** Names of the metrics that no case reports. */
export function listEmpty(rows: readonly ResultRow[], columns: readonly Column[]): string[] {
  return columns
    .filter(
      ({ kind, name }) =>
        kind === 'metric' && rows.every((row) => row[name] === null || row[name] === undefined),
    )
    .map(({ name }) => name)
}
