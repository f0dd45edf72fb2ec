import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconDownload, IconPlayerStop, IconTrash } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'

import type { Surrogate } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { formatBytes } from '@/format/numbers'

import { isOpen, useSurrogateChanges } from '../api/surrogates'

/** What can be done with a surrogate: stop its training, take its file away, delete it. */
export function SurrogateActions({ surrogate }: { surrogate: Surrogate }) {
  return (
    <>
      {isOpen(surrogate) && <CancelTraining surrogate={surrogate} />}
      {surrogate.state === 'ready' && surrogate.file_url !== null && (
        <Button
          variant="default"
          component="a"
          href={surrogate.file_url}
          download
          leftSection={<IconDownload size={16} stroke={1.7} />}
        >
          Download ({formatBytes(surrogate.file_bytes)})
        </Button>
      )}
      <DeleteSurrogate surrogate={surrogate} />
    </>
  )
}

function CancelTraining({ surrogate }: { surrogate: Surrogate }) {
  const [isAsking, dialog] = useDisclosure(false)
  const { cancel } = useSurrogateChanges(surrogate.id)
  return (
    <>
      <Button variant="default" leftSection={<IconPlayerStop size={16} stroke={1.7} />} onClick={dialog.open}>
        Cancel training
      </Button>
      <Modal opened={isAsking} onClose={dialog.close} title="Cancel this training?" centered>
        <Stack>
          <Text size="sm">What it has learnt so far is lost. The batches stay as they are.</Text>
          {cancel.error !== null && <ErrorNotice error={cancel.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={dialog.close} data-autofocus>
              Go on training
            </Button>
            <Button
              color="red"
              loading={cancel.isPending}
              onClick={() => cancel.mutate(undefined, { onSuccess: dialog.close })}
            >
              Stop the training
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}

function DeleteSurrogate({ surrogate }: { surrogate: Surrogate }) {
  const [isAsking, dialog] = useDisclosure(false)
  const { remove } = useSurrogateChanges(surrogate.id)
  const navigate = useNavigate()
  return (
    <>
      <Button variant="default" leftSection={<IconTrash size={16} stroke={1.7} />} onClick={dialog.open}>
        Delete
      </Button>
      <Modal opened={isAsking} onClose={dialog.close} title="Delete this surrogate?" centered>
        <Stack>
          <Text size="sm">
            “{surrogate.name}” v{surrogate.version} goes with its file and with what it was asked in the
            background. What it was trained on stays.
          </Text>
          {remove.error !== null && <ErrorNotice error={remove.error} title="Not deleted" />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={dialog.close} data-autofocus>
              Keep it
            </Button>
            <Button
              color="red"
              loading={remove.isPending}
              onClick={() =>
                remove.mutate(undefined, { onSuccess: () => void navigate({ to: '/surrogates' }) })
              }
            >
              Delete it
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
