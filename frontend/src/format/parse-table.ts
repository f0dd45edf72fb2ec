/** The table of a table design: CSV, tab- or semicolon-separated text with a header line, as spreadsheets copy it. */
import { parseValue } from './parse-value'

export type ParsedTable = {
  columns: string[]
  rows: Record<string, string | number>[]
  problems: string[]
}

let last: { text: string; parsed: ParsedTable } | undefined

/** Several parts of the form read the same table at every change elsewhere, so the last one is kept. */
export function parseTable(text: string): ParsedTable {
  if (last?.text !== text) last = { text, parsed: parse(text) }
  return last.parsed
}

function parse(text: string): ParsedTable {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const header = lines[0]
  if (header === undefined) return { columns: [], rows: [], problems: [] }
  const separator = ['\t', ';', ','].find((sign) => header.includes(sign)) ?? ','
  const columns = splitLine(header, separator)
  const problems = columns.some((column) => column === '') ? ['A column of the first line has no name.'] : []
  const rows: ParsedTable['rows'] = []
  lines.slice(1).forEach((line, index) => {
    const cells = splitLine(line, separator)
    const where = `Row ${(index + 1).toString()}`
    if (cells.length !== columns.length)
      problems.push(
        `${where} has ${cells.length.toString()} cells, the first line ${columns.length.toString()}.`,
      )
    else if (cells.includes('')) problems.push(`${where} has an empty cell.`)
    else rows.push(Object.fromEntries(columns.map((column, at) => [column, parseValue(cells[at] ?? '')])))
  })
  return { columns, rows, problems }
}

function splitLine(line: string, separator: string): string[] {
  const cells: string[] = []
  let cell = ''
  let quoted = false
  for (const sign of line) {
    if (sign === '"') quoted = !quoted
    else if (sign === separator && !quoted) {
      cells.push(cell.trim())
      cell = ''
    } else cell += sign
  }
  return [...cells, cell.trim()]
}

/** Rows as CSV text with a header line, which `parseTable` reads back; '' for none. */
export function writeTable(rows: readonly Record<string, unknown>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = rows.map((row) => columns.map((column) => writeCell(row[column])).join(','))
  return rows.length === 0 ? '' : [columns.join(','), ...lines].join('\n')
}

function writeCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /[,;\t]/.test(text) ? `"${text}"` : text
}
