import { Text, UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import type { ReactNode } from 'react'

import type { ColumnLook } from './virtual-table'
import classes from './virtual-table.module.css'

/** A column of a table with the sorting feature; without it the members are missing. */
export type Sortable = {
  getCanSort?: () => boolean
  getIsSorted?: () => false | 'asc' | 'desc'
  getToggleSortingHandler?: () => ((event: unknown) => void) | undefined
}

const ARIA = { asc: 'ascending', desc: 'descending' } as const

/** The head of a column: name, unit, and the button that sorts by it. */
export function HeaderCell({
  look,
  column,
  children,
}: {
  look: ColumnLook
  column: Sortable
  children: ReactNode
}) {
  const sorted = column.getIsSorted?.() ?? false
  const content = (
    <>
      <span className={classes.title}>
        {children}
        {sorted !== false && (sorted === 'asc' ? <IconArrowUp size={13} /> : <IconArrowDown size={13} />)}
      </span>
      {look.unit !== undefined && (
        <Text component="span" className={classes.unit}>
          {look.unit === '' ? '\u00a0' : look.unit}
        </Text>
      )}
    </>
  )
  return (
    <th
      scope="col"
      style={{ width: look.width }}
      data-numeric={look.numeric}
      data-pinned={look.pinned}
      aria-sort={sorted === false ? undefined : ARIA[sorted]}
    >
      {column.getCanSort?.() === true ? (
        <UnstyledButton className={classes.sort} onClick={column.getToggleSortingHandler?.()}>
          {content}
        </UnstyledButton>
      ) : (
        content
      )}
    </th>
  )
}
