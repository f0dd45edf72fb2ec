import { Button, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlaylistAdd } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'

import type { Batch } from '@/api'

const ExtendForm = lazy(() => import('./extend-form'))

/** Adds cases to a batch that has ended. */
export function ExtendButton({ batch }: { batch: Batch }) {
  const [isOpen, dialog] = useDisclosure(false)
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconPlaylistAdd size={16} stroke={1.7} />}
        onClick={dialog.open}
      >
        Extend
      </Button>
      <Modal opened={isOpen} onClose={dialog.close} title={`Extend “${batch.name}”`} size="lg">
        <Suspense>{isOpen && <ExtendForm batch={batch} onDone={dialog.close} />}</Suspense>
      </Modal>
    </>
  )
}
