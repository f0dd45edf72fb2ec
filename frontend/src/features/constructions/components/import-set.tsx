import { Button, Group, Modal, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import { DropZone } from '@/components/ui/drop-zone'
import { ErrorNotice } from '@/components/ui/error-notice'
import { useConstructionSetChanges } from '@/features/library/api/construction-sets'
import { libraryOptions, refOf } from '@/features/library/api/library'

type ImportSetProps = { opened: boolean; onClose: () => void }

/** Makes a set of a CSV file, or of what the outside of a model is made of. */
export default function ImportSet({ opened, onClose }: ImportSetProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Import a construction set" size="lg">
      {opened && <ImportForm onClose={onClose} />}
    </Modal>
  )
}

function ImportForm({ onClose }: { onClose: () => void }) {
  const [kind, setKind] = useState('csv')
  const [name, setName] = useState('')
  const [currency, setCurrency] = useState('EUR')
  const [file, setFile] = useState<File | null>(null)
  const [model, setModel] = useState<string | null>(null)
  const models = useQuery({ ...libraryOptions('models'), enabled: kind === 'model' })
  const { take } = useConstructionSetChanges()
  const navigate = useNavigate()
  const heading = { name: name.trim(), currency: currency.trim().toUpperCase() }
  const body =
    kind === 'csv' ? file !== null && { file, ...heading } : model !== null && { model, ...heading }

  function submit() {
    if (body === false) return
    take.mutate(body, {
      onSuccess: (set) => {
        for (const note of set.notes) notifications.show({ color: 'yellow', message: note })
        onClose()
        void navigate({ to: '/constructions/$reference', params: { reference: set.ref } })
      },
    })
  }

  return (
    <Stack>
      <SegmentedControl
        aria-label="Import from"
        value={kind}
        onChange={setKind}
        data={[
          { value: 'csv', label: 'A CSV file' },
          { value: 'model', label: 'A building model' },
        ]}
      />
      <Group gap="sm" align="flex-start">
        <TextInput
          label="Name"
          flex={1}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Currency"
          w={110}
          value={currency}
          onChange={(event) => setCurrency(event.currentTarget.value)}
        />
      </Group>
      {kind === 'csv' ? (
        <>
          <DropZone
            label={file === null ? 'Drop a CSV file here, or browse' : file.name}
            accept=".csv"
            busy={take.isPending}
            onFiles={([first]) => setFile(first ?? null)}
          />
          <Text size="xs" c="dimmed">
            The same columns as a set’s own CSV: open one, download it, and change what differs.
          </Text>
        </>
      ) : (
        <Select
          label="Building model"
          description="Its outside walls, roofs, ground floors and windows become constructions; costs are left open."
          searchable
          data={(models.data ?? []).map((item) => ({ value: refOf(item), label: item.alias ?? item.name }))}
          value={model}
          onChange={setModel}
        />
      )}
      {take.error !== null && <ErrorNotice error={take.error} title="Not imported" />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Leave it
        </Button>
        <Button disabled={body === false || heading.name === ''} loading={take.isPending} onClick={submit}>
          Import
        </Button>
      </Group>
    </Stack>
  )
}
