import {
  Button,
  Group,
  MultiSelect,
  ScrollArea,
  Skeleton,
  Stack,
  Switch,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import type { Field, Objects } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { objectsOptions } from '@/features/library/api/library'
import { formatUnit } from '@/format/numbers'

import { describeContent, describeLimits, isNumeric } from '../draft/describe-field'
import type { ChosenField } from '../draft/parameter-draft'

type FieldTableProps = { model: string; className: string; onAdd: (field: ChosenField) => void }

/** The fields of a class, with what its objects have there, for all objects or some of them. */
export function FieldTable({ model, className, onAdd }: FieldTableProps) {
  const contents = useQuery(objectsOptions(model, className))
  if (contents.error !== null)
    return <ErrorNotice error={contents.error} onRetry={() => void contents.refetch()} />
  if (contents.data === undefined) return <Skeleton h={320} aria-label="Loading" />
  return <Contents contents={contents.data} onAdd={onAdd} />
}

function Contents({ contents, onAdd }: { contents: Objects; onAdd: FieldTableProps['onAdd'] }) {
  const [names, setNames] = useState<string[]>([])
  const [search, setSearch] = useState('')
  const [withBlank, setWithBlank] = useState(false)
  const known = [...new Set(contents.objects.map(({ name }) => name).filter((name) => name !== ''))]
  const objects = contents.objects.filter(({ name }) => names.length === 0 || names.includes(name))
  const fields = listFields(contents.fields, objects, search, withBlank)
  const add = (field: Field) =>
    onAdd({
      className: contents.class,
      field: field.name,
      unit: field.units ?? '',
      objects: names.length === 0 ? ['*'] : names,
    })

  return (
    <Stack gap="xs">
      <Title order={2}>{contents.class}</Title>
      {known.length > 0 && (
        <MultiSelect
          label="Objects"
          placeholder={names.length === 0 ? `All ${contents.objects.length.toString()} objects` : undefined}
          data={known}
          value={names}
          onChange={setNames}
          searchable
          clearable
          maxDropdownHeight={260}
        />
      )}
      <Group justify="space-between">
        <TextInput
          aria-label="Search fields"
          placeholder="Search fields"
          leftSection={<IconSearch size={15} stroke={1.7} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Switch
          size="xs"
          label="Show fields that are blank everywhere"
          checked={withBlank}
          onChange={(event) => setWithBlank(event.currentTarget.checked)}
        />
      </Group>
      <ScrollArea h="calc(100vh - 270px)" type="auto">
        <Table verticalSpacing={5} stickyHeader aria-label={`Fields of ${contents.class}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Field</Table.Th>
              <Table.Th>Unit</Table.Th>
              <Table.Th>Now</Table.Th>
              <Table.Th>Allowed</Table.Th>
              <Table.Th />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {fields.map((field) => (
              <FieldRow key={field.index} field={field} objects={objects} onAdd={() => add(field)} />
            ))}
          </Table.Tbody>
        </Table>
        {fields.length === 0 && (
          <Text size="sm" c="dimmed" p="sm">
            No field of that name has a value in these objects.
          </Text>
        )}
      </ScrollArea>
    </Stack>
  )
}

type FieldRowProps = { field: Field; objects: Objects['objects']; onAdd: () => void }

function FieldRow({ field, objects, onAdd }: FieldRowProps) {
  const { text, blankCount } = describeContent(field.index, objects)
  return (
    <Table.Tr>
      <Table.Td>{field.name}</Table.Td>
      <Table.Td c="dimmed">{formatUnit(field.units)}</Table.Td>
      <Table.Td>
        {text}
        {blankCount > 0 && (
          <Text size="xs" c="dimmed">
            {text === '' ? 'blank' : `blank in ${blankCount.toString()} of ${objects.length.toString()}`}
          </Text>
        )}
      </Table.Td>
      <Table.Td maw={180}>
        <Text size="xs" c="dimmed" lineClamp={2} title={describeLimits(field)}>
          {describeLimits(field)}
        </Text>
      </Table.Td>
      <Table.Td ta="right">
        <Button
          size="compact-xs"
          variant="light"
          leftSection={<IconPlus size={13} />}
          aria-label={`Add ${field.name}`}
          onClick={onAdd}
        >
          Add
        </Button>
      </Table.Td>
    </Table.Tr>
  )
}

/** Numbers and choices first, references to other objects after them; names tell objects apart and are left out. */
function listFields(
  fields: readonly Field[],
  objects: Objects['objects'],
  search: string,
  withBlank: boolean,
): Field[] {
  const wanted = search.trim().toLowerCase()
  return fields
    .filter((field) => !(field.index === 0 && field.name === 'Name'))
    .filter((field) => `${field.name} ${field.key}`.toLowerCase().includes(wanted))
    .filter((field) => withBlank || objects.some((object) => (object.values[field.index] ?? '') !== ''))
    .sort((one, other) => Number(isReference(one)) - Number(isReference(other)))
}

function isReference(field: Field): boolean {
  return !isNumeric(field) && field.choices.length === 0
}
