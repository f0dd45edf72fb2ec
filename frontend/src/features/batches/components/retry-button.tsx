import { Button, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconRefresh } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'

import type { Batch } from '@/api'
import { formatCount } from '@/format/numbers'

const RetryForm = lazy(() => import('./retry-form'))

/** Runs the failed cases of a batch again, after asking whether that is meant. */
export function RetryButton({ batch }: { batch: Batch }) {
  const [isOpen, dialog] = useDisclosure(false)
  return (
    <>
      <Button variant="default" leftSection={<IconRefresh size={16} stroke={1.7} />} onClick={dialog.open}>
        Run failed cases again ({formatCount(batch.counts.failed)})
      </Button>
      <Modal opened={isOpen} onClose={dialog.close} title="Run the failed cases again?" centered>
        <Suspense>{isOpen && <RetryForm batch={batch} onDone={dialog.close} />}</Suspense>
      </Modal>
    </>
  )
}
