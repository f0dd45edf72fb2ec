import { NavLink, ScrollArea, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useMemo, useState } from 'react'

import type { Class } from '@/api'

import { OFTEN_VARIED } from '../draft/often-varied'

type ClassListProps = {
  classes: Class[] | undefined
  chosen: string | null
  onChoose: (name: string) => void
}
type Section = { title: string; classes: Class[] }

/** The classes a model has objects of, the often varied ones first, then by the engine's own chapters. */
export function ClassList({ classes, chosen, onChoose }: ClassListProps) {
  const [search, setSearch] = useState('')
  const sections = useMemo(() => groupClasses(classes ?? [], search), [classes, search])
  if (classes === undefined) return <Skeleton h={320} aria-label="Loading" />
  return (
    <Stack gap="xs">
      <TextInput
        aria-label="Search classes"
        placeholder="Search classes"
        data-autofocus
        leftSection={<IconSearch size={15} stroke={1.7} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <ScrollArea h="calc(100vh - 150px)" type="auto" offsetScrollbars>
        {sections.length === 0 && (
          <Text size="sm" c="dimmed">
            The model has no class of that name.
          </Text>
        )}
        {sections.map((section) => (
          <section key={section.title} aria-label={section.title}>
            <Text size="xs" c="dimmed" fw={600} mt="xs" mb={2}>
              {section.title}
            </Text>
            {section.classes.map(({ name, count }) => (
              <NavLink
                key={name}
                component="button"
                type="button"
                label={name}
                active={name === chosen}
                aria-pressed={name === chosen}
                py={3}
                px={8}
                rightSection={
                  <Text size="xs" c="dimmed" className="tabular">
                    {count}
                  </Text>
                }
                onClick={() => onChoose(name)}
              />
            ))}
          </section>
        ))}
      </ScrollArea>
    </Stack>
  )
}

export function groupClasses(classes: readonly Class[], search: string): Section[] {
  const wanted = search.trim().toLowerCase()
  const found = classes.filter(({ name, group }) => `${name} ${group}`.toLowerCase().includes(wanted))
  const often = OFTEN_VARIED.flatMap((name) => found.filter((known) => known.name === name))
  const groups = [...new Set(found.map(({ group }) => group))].sort()
  return [
    { title: 'Often varied', classes: often },
    ...groups.map((group) => ({ title: group, classes: found.filter((known) => known.group === group) })),
  ].filter((section) => section.classes.length > 0)
}
