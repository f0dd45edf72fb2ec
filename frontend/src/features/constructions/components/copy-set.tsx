import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import type { ConstructionSet } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { useConstructionSetChanges } from '@/features/library/api/construction-sets'

type CopySetProps = { set: ConstructionSet; opened: boolean; onClose: () => void }

/** Makes a set of one's own that begins as another one is. */
export function CopySet({ set, opened, onClose }: CopySetProps) {
  const [name, setName] = useState(`My ${set.name.toLowerCase()}`)
  const { copy } = useConstructionSetChanges()
  const navigate = useNavigate()

  function submit() {
    copy.mutate(
      { source: set.ref, name: name.trim() },
      {
        onSuccess: (made) => {
          onClose()
          void navigate({ to: '/constructions/$reference', params: { reference: made.ref } })
        },
      },
    )
  }

  return (
    <Modal opened={opened} onClose={onClose} title={`Copy “${set.name}”`} centered>
      <Stack>
        <TextInput
          label="Name of the copy"
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {copy.error !== null && <ErrorNotice error={copy.error} title="Not copied" />}
        <Group justify="flex-end">
          <Button disabled={name.trim() === ''} loading={copy.isPending} onClick={submit}>
            Copy the set
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
