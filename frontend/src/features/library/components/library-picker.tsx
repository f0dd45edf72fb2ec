import { Group, MultiSelect, Stack, Text, type ComboboxItem } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'

import { DropZone } from '@/components/ui/drop-zone'
import { ErrorNotice } from '@/components/ui/error-notice'

import { describeFacts, readNotes } from '../api/facts'
import { libraryOptions, refOf, useUpload, type LibraryItem, type LibraryKind } from '../api/library'
import { sortUploads } from '../api/uploads'

const WORDS = {
  models: {
    label: 'Building model',
    placeholder: 'Choose a model',
    description: 'Several models make the model a parameter.',
    drop: 'Drop an IDF or epJSON here, with the files it refers to, or browse',
    accept: '.idf,.epjson,.epJSON,.csv,.txt,.dat',
  },
  weather: {
    label: 'Weather',
    placeholder: 'Choose a weather file',
    description: 'Several files make the weather a parameter.',
    drop: 'Drop an EPW here, or browse',
    accept: '.epw',
  },
}

type LibraryPickerProps = {
  kind: LibraryKind
  value: string[]
  error?: string
  onChange: (refs: string[]) => void
}

/** Chooses one or more models or weather files of the library, or adds some to it. */
export function LibraryPicker({ kind, value, error, onChange }: LibraryPickerProps) {
  const words = WORDS[kind]
  const library = useQuery(libraryOptions(kind))
  const upload = useUpload(kind)
  const items = library.data ?? []
  const byRef = new Map(items.map((item) => [refOf(item), item]))

  async function uploadAll(files: File[]) {
    const refs: string[] = []
    const uploads = sortUploads(kind, files)
    if (uploads.length === 0) {
      notifications.show({ color: 'red', message: `Choose the model together with ${namesOf(files)}` })
      return
    }
    for (const each of uploads) {
      try {
        const item = await upload.mutateAsync(each)
        refs.push(refOf(item))
        for (const note of readNotes(item)) notifications.show({ color: 'yellow', message: note })
      } catch {
        return // shown below; what was uploaded before stays in the library
      } finally {
        onChange([...new Set([...value, ...refs])])
      }
    }
    if (refs.length > 0) notifications.show({ message: `Added to the library: ${namesOf(files)}` })
  }

  return (
    <Stack gap={6}>
      <MultiSelect
        label={words.label}
        description={words.description}
        placeholder={value.length === 0 ? words.placeholder : undefined}
        data={groupOptions(items, value, byRef)}
        value={value}
        onChange={onChange}
        error={error}
        searchable
        clearable
        hidePickedOptions
        maxDropdownHeight={320}
        nothingFoundMessage={library.isPending ? 'Loading…' : 'Nothing of that name'}
        renderOption={({ option }) => (
          <LibraryOption kind={kind} item={byRef.get(option.value)} label={option.label} />
        )}
      />
      {value.map((ref) => (
        <ChosenFacts key={ref} kind={kind} item={byRef.get(ref)} />
      ))}
      <DropZone
        label={words.drop}
        accept={words.accept}
        busy={upload.isPending}
        onFiles={(files) => void uploadAll(files)}
      />
      {library.error !== null && <ErrorNotice error={library.error} onRetry={() => void library.refetch()} />}
      {upload.error !== null && <ErrorNotice error={upload.error} title="The file was not taken" />}
    </Stack>
  )
}

function namesOf(files: readonly File[]): string {
  return files.map((file) => file.name).join(', ')
}

function groupOptions(
  items: readonly LibraryItem[],
  value: readonly string[],
  byRef: ReadonlyMap<string, LibraryItem>,
) {
  const option = (item: LibraryItem): ComboboxItem => ({ value: refOf(item), label: item.alias ?? item.name })
  const unknown = value.filter((ref) => !byRef.has(ref)).map((ref) => ({ value: ref, label: ref }))
  return [
    { group: 'Your uploads', items: items.filter((item) => !item.bundled).map(option) },
    { group: 'Bundled', items: items.filter((item) => item.bundled).map(option) },
    { group: 'Not in the library', items: unknown },
  ].filter(({ items: options }) => options.length > 0)
}

function LibraryOption({ kind, item, label }: { kind: LibraryKind; item?: LibraryItem; label: string }) {
  return (
    <div>
      <Text size="sm">{label}</Text>
      {item !== undefined && (
        <Text size="xs" c="dimmed">
          {describeFacts(kind, item)}
        </Text>
      )}
    </div>
  )
}

function ChosenFacts({ kind, item }: { kind: LibraryKind; item?: LibraryItem }) {
  if (item === undefined) return null
  return (
    <Group gap={6}>
      <Text size="xs" fw={600}>
        {item.alias ?? item.name}
      </Text>
      <Text size="xs" c="dimmed">
        {describeFacts(kind, item)}
      </Text>
    </Group>
  )
}
