/** Columns of tables that are counted from results: what the names of their columns say of label, unit and kind. */
import type { Batch, Column } from '@/api'

import type { TableRow } from '../api/valuation'

const KEYS = new Set([
  'case',
  'other_case',
  'match',
  'state',
  'other_state',
  'verdict',
  'other_verdict',
  'weather',
  'model',
  'period',
  'baseline',
  'reason',
])

/** The longest endings first. */
const UNITS: readonly (readonly [ending: string, unit: string])[] = [
  ['_kwh_m2', 'kWh/m2'],
  ['_kgco2e', 'kgCO2e'],
  ['_kwh', 'kWh'],
  ['_percent', '%'],
  ['_years', 'years'],
  ['_hours', 'h'],
  ['_w', 'W'],
]

/** What says the same in every row stands above the table, or says nothing. */
const SAID_ONCE = new Set(['period', 'baseline'])

/** One for each key of the rows, in their order; `money` is the currency of amounts, '' where there are none. */
export function describeColumns(
  rows: readonly TableRow[],
  parameters: Batch['parameters'],
  money = '',
): Column[] {
  const [first] = rows
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]))
  const names = Object.keys(first ?? {}).filter(
    (name) => !SAID_ONCE.has(name) || rows.some((row) => row[name] !== first?.[name]),
  )
  return names.map((name) => {
    if (KEYS.has(name)) return { name, label: name.replaceAll('_', ' '), unit: null, kind: 'key' }
    const parameter = known.get(name)
    if (parameter !== undefined) return { name, label: name, unit: parameter.unit, kind: 'parameter' }
    return { name, kind: 'metric', ...describeAmount(name, money) }
  })
}

function describeAmount(name: string, money: string): Pick<Column, 'label' | 'unit'> {
  const endings = money === '' ? UNITS : [[`_${money.toLowerCase()}`, money.toUpperCase()] as const, ...UNITS]
  const [ending = '', unit = null] = endings.find(([each]) => name.endsWith(each)) ?? []
  const stem = ending === '' ? name : name.slice(0, -ending.length)
  const words = stem.replaceAll('_', ' ')
  return { label: words.charAt(0).toUpperCase() + words.slice(1), unit }
}
