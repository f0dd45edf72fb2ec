import type { ReactTable, Row, RowData, TableFeatures } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react'

import { HeaderCell, type Sortable } from './header-cell'
import classes from './virtual-table.module.css'

const ROW_HEIGHT = 34
const OVERSCAN = 12

/** What the table needs of each column beyond TanStack's own definition. */
export type ColumnLook = {
  /** Second line of the header: the unit. */
  unit?: string
  numeric?: boolean
  width: number
  /** Stays in view while the others scroll sideways. */
  pinned?: boolean
}

type VirtualTableProps<TFeatures extends TableFeatures, TData extends RowData> = {
  table: ReactTable<TFeatures, TData>
  label: string
  look: (columnId: string) => ColumnLook
  maxHeight: string
  onOpen?: (row: TData) => void
  /** Called when the last loaded row comes into view. */
  onEnd?: () => void
  footer?: ReactNode
}

/** A table of any number of rows with a fixed head: only what is in view is in the document. */
export function VirtualTable<TFeatures extends TableFeatures, TData extends RowData>(
  props: VirtualTableProps<TFeatures, TData>,
) {
  const { table, label, look, maxHeight, onOpen, onEnd, footer } = props
  const scroller = useRef<HTMLDivElement>(null)
  const { rows } = table.getRowModel()
  // eslint-disable-next-line react-hooks/incompatible-library -- the compiler is not used here
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    initialRect: { width: 1000, height: 600 },
  })
  const items = virtualizer.getVirtualItems()
  const last = items.at(-1)
  const isAtEnd = last !== undefined && last.index >= rows.length - 1
  useEffect(() => {
    if (isAtEnd) onEnd?.()
  }, [isAtEnd, onEnd, rows.length])

  const headers = table.getHeaderGroups().flatMap((group) => group.headers)
  const width = headers.reduce((sum, header) => sum + look(header.column.id).width, 0)
  return (
    <div
      ref={scroller}
      className={classes.scroller}
      style={{ maxHeight }}
      role="region"
      aria-label={label}
      tabIndex={0}
    >
      <table
        className={classes.table}
        style={{ minWidth: width }}
        aria-label={label}
        aria-rowcount={rows.length + 1}
      >
        <thead>
          <tr aria-rowindex={1}>
            {headers.map((header) => (
              <HeaderCell
                key={header.id}
                look={look(header.column.id)}
                column={header.column as unknown as Sortable}
              >
                <table.FlexRender header={header} />
              </HeaderCell>
            ))}
          </tr>
        </thead>
        <tbody>
          <Spacer height={items[0]?.start ?? 0} columns={headers.length} />
          {items.map((item) => {
            const row = rows[item.index]
            return row === undefined ? null : (
              <BodyRow
                key={row.id}
                table={table}
                row={row}
                position={item.index}
                look={look}
                onOpen={onOpen}
              />
            )
          })}
          <Spacer height={virtualizer.getTotalSize() - (last?.end ?? 0)} columns={headers.length} />
        </tbody>
      </table>
      {footer}
    </div>
  )
}

type BodyRowProps<TFeatures extends TableFeatures, TData extends RowData> = Pick<
  VirtualTableProps<TFeatures, TData>,
  'table' | 'look' | 'onOpen'
> & { row: Row<TFeatures, TData>; position: number }

function BodyRow<TFeatures extends TableFeatures, TData extends RowData>(
  props: BodyRowProps<TFeatures, TData>,
) {
  const { table, row, position, look, onOpen } = props
  const shown = new Set(
    table.getHeaderGroups().flatMap((group) => group.headers.map((header) => header.column.id)),
  )
  const openByKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter') onOpen?.(row.original)
  }
  return (
    <tr
      aria-rowindex={position + 2}
      data-opens={onOpen !== undefined || undefined}
      tabIndex={onOpen === undefined ? undefined : 0}
      onClick={onOpen && (() => onOpen(row.original))}
      onKeyDown={onOpen && openByKey}
    >
      {row
        .getAllCells()
        .filter((cell) => shown.has(cell.column.id))
        .map((cell) => {
          const { numeric, pinned } = look(cell.column.id)
          return (
            <td key={cell.id} data-numeric={numeric} data-pinned={pinned}>
              <table.FlexRender cell={cell} />
            </td>
          )
        })}
    </tr>
  )
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  if (height <= 0) return null
  return (
    <tr aria-hidden className={classes.spacer}>
      <td colSpan={columns} style={{ height }} />
    </tr>
  )
}
