import { Group, Stack, Switch, Text } from '@mantine/core'
import {
  columnVisibilityFeature,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type ColumnVisibilityState,
} from '@tanstack/react-table'
import { useMemo, useState } from 'react'

import type { Column } from '@/api'
import { VirtualTable } from '@/components/ui/virtual-table'
import { useRefNames } from '@/features/library/api/names'

import type { ResultRow } from '../api/results'
import { ColumnChooser } from './column-chooser'
import { describeLook, listEmpty, makeResultColumns } from './result-columns'

export const resultFeatures = tableFeatures({
  columnVisibilityFeature,
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
})

type ResultTableProps = { rows: ResultRow[]; columns: Column[]; summary: string }

/** The result table: sortable, with units in its head, and the columns one wants to see. */
export default function ResultTable({ rows, columns, summary }: ResultTableProps) {
  const [chosen, setChosen] = useState<ColumnVisibilityState | null>(null)
  const [withBaseline, setWithBaseline] = useState(true)
  const hasBaseline = useMemo(() => rows.some(isBaseline), [rows])
  const shown = useMemo(
    () => (withBaseline ? rows : rows.filter((row) => !isBaseline(row))),
    [rows, withBaseline],
  )
  const empty = useMemo(() => listEmpty(rows, columns), [rows, columns])
  const visibility = useMemo(
    () => chosen ?? Object.fromEntries(empty.map((name) => [name, false])),
    [chosen, empty],
  )
  const model = useRefNames('models', listRefs(rows, 'model'))
  const weather = useRefNames('weather', listRefs(rows, 'weather'))
  const look = useMemo(() => describeLook(columns), [columns])
  const table = useTable({
    features: resultFeatures,
    columns: useMemo(
      () => makeResultColumns(columns, rows, { model, weather }),
      [columns, rows, model, weather],
    ),
    data: shown,
    // a comparison has cases of two batches
    getRowId: (row: ResultRow) => `${String(row.case)} ${String(row.other_case)}`,
    state: { columnVisibility: visibility },
    onColumnVisibilityChange: (change) =>
      setChosen(typeof change === 'function' ? change(visibility) : change),
    initialState: { sorting: [{ id: 'case', desc: false }] },
  })
  return (
    <Stack gap="xs">
      <Group gap="md">
        <Text size="sm" c="dimmed" mr="auto">
          {summary}
        </Text>
        {hasBaseline && (
          <Switch
            size="xs"
            label="Show baselines"
            checked={withBaseline}
            onChange={(event) => setWithBaseline(event.currentTarget.checked)}
          />
        )}
        <ColumnChooser columns={columns} visibility={visibility} empty={empty} onChange={setChosen} />
      </Group>
      <VirtualTable
        table={table}
        label="Result table"
        look={look}
        maxHeight="max(360px, calc(100vh - 220px))"
      />
    </Stack>
  )
}

function listRefs(rows: readonly ResultRow[], name: string): string[] {
  return [...new Set(rows.map((row) => row[name]).filter((value) => typeof value === 'string'))]
}

function isBaseline(row: ResultRow): boolean {
  return typeof row.case === 'number' && row.case < 0
}
