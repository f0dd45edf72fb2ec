import { Button, Group, Stack, Table, Text, Textarea } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'

import { DropZone } from '@/components/ui/drop-zone'
import { ErrorNotice } from '@/components/ui/error-notice'
import { FieldError } from '@/components/ui/field-error'
import { formatCell, formatCount } from '@/format/numbers'

import { useReadTable } from '../api/study-tables'
import { parseTable, writeTable, type ParsedTable } from '@/format/parse-table'

/** Above this, a table is shown by its first rows rather than as text to edit. */
const MOST_EDITED = 500
const SHOWN = 5

type TableInputProps = {
  /** CSV text with a header line; '' for none. */
  value: string
  /** The columns that a row must have. */
  needed: readonly string[]
  error: string | undefined
  onChange: (table: string) => void
}

/** A table of cases: pasted, typed, or read from a file by the service. */
export default function TableInput({ value, needed, error, onChange }: TableInputProps) {
  const parsed = parseTable(value)
  const read = useReadTable()
  const columns = needed.join(', ')
  const shownError = error ?? (value === '' ? undefined : parsed.problems[0])

  function readFile(file: File | undefined) {
    if (file === undefined) return
    read.mutate(file, { onSuccess: ({ rows }) => onChange(writeTable(rows)) })
  }

  return (
    <Stack gap="xs" w="100%">
      {parsed.rows.length > MOST_EDITED ? (
        <LongTable parsed={parsed} error={shownError} onRemove={() => onChange('')} />
      ) : (
        <Textarea
          label="Rows"
          autosize
          minRows={5}
          maxRows={14}
          placeholder={`${columns}\n…`}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', whiteSpace: 'pre' } }}
          value={value}
          error={shownError}
          description={
            parsed.rows.length === 0
              ? `Paste CSV or cells of a spreadsheet. Columns: ${columns}`
              : `${formatCount(parsed.rows.length)} rows of ${parsed.columns.join(', ')}`
          }
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      )}
      <DropZone
        label="Drop a table here (CSV, Parquet or Excel), or browse"
        accept=".csv,.parquet,.xlsx"
        busy={read.isPending}
        onFiles={([file]) => readFile(file)}
      />
      {read.error !== null && <ErrorNotice error={read.error} title="The table was not taken" />}
    </Stack>
  )
}

type LongTableProps = { parsed: ParsedTable; error: string | undefined; onRemove: () => void }

function LongTable({ parsed, error, onRemove }: LongTableProps) {
  const { columns, rows } = parsed
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm">
          {formatCount(rows.length)} rows; the first {SHOWN}:
        </Text>
        <Button size="compact-xs" variant="default" leftSection={<IconTrash size={13} />} onClick={onRemove}>
          Remove the table
        </Button>
      </Group>
      <Table.ScrollContainer minWidth={columns.length * 90}>
        <Table verticalSpacing={3} withTableBorder aria-label="First rows">
          <Table.Thead>
            <Table.Tr>
              {columns.map((column) => (
                <Table.Th key={column}>{column}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.slice(0, SHOWN).map((row, at) => (
              <Table.Tr key={at}>
                {columns.map((column) => (
                  <Table.Td key={column}>{formatCell(row[column])}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <FieldError>{error}</FieldError>
    </Stack>
  )
}
