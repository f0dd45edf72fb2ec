import { Badge, Button, Drawer, Group, Paper, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import type { Measure } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { formatUnit } from '@/format/numbers'

import { measuresOptions } from '../api/measures'
import { listArguments } from '../draft/measure'
import type { DraftEditor } from '../draft/use-draft'

type MeasureBrowserProps = { editor: DraftEditor; opened: boolean; onClose: () => void }

/** Every measure with what it does: where parameters that are more than one field are chosen. */
export default function MeasureBrowser({ editor, opened, onClose }: MeasureBrowserProps) {
  const [search, setSearch] = useState('')
  const measures = useQuery({ ...measuresOptions(), enabled: opened })
  const wanted = search.trim().toLowerCase()
  const found = measures.data?.filter(({ name, title, description }) =>
    `${name} ${title} ${description}`.toLowerCase().includes(wanted),
  )

  function add(measure: Measure) {
    editor.addMeasure({
      name: measure.name,
      unit: measure.value.unit ?? '',
      arguments: fillArguments(measure),
    })
    onClose()
  }

  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="min(640px, 100vw)" title="Add a measure">
      <Stack gap="sm">
        <TextInput
          aria-label="Search measures"
          placeholder="Search measures"
          data-autofocus
          leftSection={<IconSearch size={15} stroke={1.7} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        {measures.error !== null && (
          <ErrorNotice error={measures.error} onRetry={() => void measures.refetch()} />
        )}
        {found === undefined && measures.error === null && <Skeleton h={240} aria-label="Loading" />}
        {found?.map((measure) => (
          <MeasureEntry key={measure.name} measure={measure} onAdd={() => add(measure)} />
        ))}
        {found?.length === 0 && (
          <Text size="sm" c="dimmed">
            No measure has these words.
          </Text>
        )}
      </Stack>
    </Drawer>
  )
}

/** What must be given begins with the example, or the first choice. */
function fillArguments(measure: Measure): Record<string, string> {
  const needed = listArguments(measure).filter(({ isRequired }) => isRequired)
  return Object.fromEntries(needed.map(({ name, choices, example }) => [name, choices[0] ?? example]))
}

function MeasureEntry({ measure, onAdd }: { measure: Measure; onAdd: () => void }) {
  const { title, description, openstudio, value } = measure
  return (
    <Paper withBorder p="sm" component="article" aria-label={title}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Title order={3}>{title}</Title>
        <Button
          size="compact-xs"
          variant="light"
          leftSection={<IconPlus size={13} />}
          aria-label={`Add ${title}`}
          onClick={onAdd}
        >
          Add
        </Button>
      </Group>
      <Text size="xs" mt={4} style={{ whiteSpace: 'pre-line' }}>
        {unwrapLines(description)}
      </Text>
      <Group gap="xs" mt={6}>
        <Text size="xs" c="dimmed">
          {[`Values: ${value.description.replace(/\.$/, '').replaceAll('`', '')}`, formatUnit(value.unit)]
            .filter((part) => part !== '')
            .join(', in ')}
        </Text>
        {openstudio !== null && (
          <Badge size="xs" variant="outline" color="gray" tt="none">
            as OpenStudio’s {openstudio}
          </Badge>
        )}
      </Group>
    </Paper>
  )
}

/** Lines of a paragraph flow; paragraphs stay apart. */
function unwrapLines(description: string): string {
  return description
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s+/g, ' ').replaceAll('`', ''))
    .join('\n')
}
