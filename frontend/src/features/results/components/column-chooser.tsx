import { Button, Checkbox, Group, Popover, ScrollArea, Stack, Text, TextInput } from '@mantine/core'
import { IconColumns3, IconSearch } from '@tabler/icons-react'
import type { ColumnVisibilityState } from '@tanstack/react-table'
import { useState } from 'react'

import type { Column } from '@/api'
import { formatUnit } from '@/format/numbers'

type ColumnChooserProps = {
  columns: readonly Column[]
  visibility: ColumnVisibilityState
  /** Metrics without a value in any row. */
  empty: readonly string[]
  onChange: (visibility: ColumnVisibilityState) => void
}

/** Which columns of the table are shown. */
export function ColumnChooser({ columns, visibility, empty, onChange }: ColumnChooserProps) {
  const [search, setSearch] = useState('')
  const optional = columns.filter((column) => column.kind !== 'key')
  const isShown = (name: string) => visibility[name] !== false
  const shownCount = optional.filter((column) => isShown(column.name)).length
  const found = optional.filter(({ name, label }) =>
    `${name} ${label}`.toLowerCase().includes(search.trim().toLowerCase()),
  )
  const setAll = (shown: boolean) =>
    onChange({ ...visibility, ...Object.fromEntries(found.map(({ name }) => [name, shown])) })

  return (
    <Popover position="bottom-end" width={320} trapFocus>
      <Popover.Target>
        <Button variant="default" size="compact-sm" leftSection={<IconColumns3 size={15} stroke={1.7} />}>
          Columns {shownCount} of {optional.length}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <TextInput
            size="xs"
            aria-label="Search columns"
            placeholder="Search"
            leftSection={<IconSearch size={14} />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <Group gap="xs">
            <Button size="compact-xs" variant="light" onClick={() => setAll(true)}>
              Show all
            </Button>
            <Button size="compact-xs" variant="light" onClick={() => setAll(false)}>
              Hide all
            </Button>
          </Group>
          <ScrollArea.Autosize mah={320} type="auto">
            <Stack gap={6} pr="xs">
              {found.map(({ name, label, unit }) => (
                <Checkbox
                  key={name}
                  size="xs"
                  checked={isShown(name)}
                  onChange={(event) => onChange({ ...visibility, [name]: event.currentTarget.checked })}
                  label={
                    <>
                      {label}{' '}
                      <Text span size="xs" c="dimmed">
                        {formatUnit(unit)} {empty.includes(name) && '(no values)'}
                      </Text>
                    </>
                  }
                />
              ))}
            </Stack>
          </ScrollArea.Autosize>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
