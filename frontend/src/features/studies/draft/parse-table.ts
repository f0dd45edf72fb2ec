/** The table of a table design: CSV, tab- or semicolon-separated text with a header line, as spreadsheets copy it. */
import { parseValue } from './parse-value'

export type ParsedTable = {
  columns: string[]
  rows: Record<string, string | number>[]
  problems: string[]
}

export function parseTable(text: string): ParsedTable {
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
