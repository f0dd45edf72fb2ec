import { Button, Modal } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChartDots3 } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'

import type { Batch } from '@/api'

const TrainForm = lazy(() => import('./train-form'))

/** Has a surrogate learn from the cases of a batch that has ended. */
export function TrainButton({ batch }: { batch: Batch }) {
  const [isOpen, dialog] = useDisclosure(false)
  return (
    <>
      <Button variant="default" leftSection={<IconChartDots3 size={16} stroke={1.7} />} onClick={dialog.open}>
        Train a surrogate
      </Button>
      <Modal opened={isOpen} onClose={dialog.close} title={`Train a surrogate on “${batch.name}”`} size="lg">
        <Suspense>{isOpen && <TrainForm batch={batch} onDone={dialog.close} />}</Suspense>
      </Modal>
    </>
  )
}
