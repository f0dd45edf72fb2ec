/** Numbers as people read them: by locale, with the digits that matter. Units are written by `formatUnit`. */

const count = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })

/** A whole number with grouping: 1,000,000. */
export function formatCount(value: number): string {
  return count.format(value)
}

/** A measured value with `digits` significant digits, never cutting digits before the point; "–" for none. */
export function formatNumber(value: number | null | undefined, digits = 5): string {
  if (value === null || value === undefined) return '–'
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e12)) return value.toExponential(digits - 2)
  const before = magnitude < 1 ? 1 : Math.floor(Math.log10(magnitude)) + 1
  if (before >= digits) return count.format(value)
  return new Intl.NumberFormat(undefined, { maximumSignificantDigits: digits }).format(value)
}

/** One way to write every number of a column, so that the points stand below each other. */
export function makeColumnFormat(values: readonly number[], digits = 5): (value: number) => string {
  const magnitudes = values.map(Math.abs).filter((value) => value > 0)
  const largest = Math.max(0, ...magnitudes)
  if (values.every(Number.isInteger) || largest === 0) return formatCount
  const enough = Math.max(0, digits - 1 - Math.floor(Math.log10(largest)))
  const decimals = Math.min(6, enough, Math.max(...values.map(countDecimals)))
  if (largest >= 1e12 || Math.min(...magnitudes) < 0.5 * 10 ** -decimals)
    return (value) => formatNumber(value, digits)
  const format = new Intl.NumberFormat(undefined, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  })
  return (value) => format.format(value)
}

function countDecimals(value: number): number {
  const [digits = '', exponent = '0'] = value.toString().split('e')
  return Math.max(0, (digits.split('.')[1] ?? '').length - Number(exponent))
}

/** Any cell of a table: numbers rounded for reading, text as it is, "–" for nothing. */
export function formatCell(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  if (typeof value === 'number') return Number.isInteger(value) ? formatCount(value) : formatNumber(value)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Progress that says 100 % only when everything is finished. */
export function formatPercent(finished: number, total: number): string {
  if (total <= 0) return '0 %'
  const percent = (100 * finished) / total
  const shown = total > 200 ? Math.floor(percent * 10) / 10 : Math.floor(percent)
  return `${shown.toString()} %`
}

/** A share of one: "12 %", "0.4 %", and never 0 % or 100 % for what is not quite. */
export function formatShare(share: number): string {
  const percent = 100 * share
  if (percent > 0 && percent < 0.1) return 'less than 0.1 %'
  if (percent > 99.9 && percent < 100) return 'more than 99.9 %'
  return `${formatNumber(percent, percent < 10 ? 2 : 3)} %`
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < BYTE_UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${formatNumber(value, 3)} ${BYTE_UNITS[unit] ?? ''}`
}

/** The unit of a parameter's values: a factor has the sign of multiplication. */
export function formatParameterUnit(unit: string | null | undefined): string {
  return unit === '1' ? '×' : formatUnit(unit)
}

const UNIT_SIGNS: readonly (readonly [RegExp, string])[] = [
  [/\bdeg\b/g, '°'],
  [/\bdelta_?C\b/gi, 'K'],
  [/^C$/, '°C'],
  [/2\b/g, '²'],
  [/3\b/g, '³'],
  [/-/g, '·'],
]

/** EnergyPlus's own unit text (`W/m2-K`) with signs: W/m²·K. */
export function formatUnit(unit: string | null | undefined): string {
  if (unit === null || unit === undefined || unit === '' || unit === '1') return ''
  return UNIT_SIGNS.reduce((text, [pattern, sign]) => text.replace(pattern, sign), unit)
}
