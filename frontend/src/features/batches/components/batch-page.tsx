import { Skeleton } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'

import type { Batch } from '@/api'
import { DownloadMenu } from '@/components/ui/download-menu'

import { countOutcomes, isActive } from '../api/batches'
import { canRetry } from '../api/rerun'
import { BatchBanner } from './batch-banner'
import { BatchFindings } from './batch-findings'
import { BatchFrame } from './batch-frame'
import { BatchProgress } from './batch-progress'
import { CancelButton } from './cancel-button'
import { ExtendButton } from './extend-button'
import { RetryButton } from './retry-button'
import { TrainButton } from './train-button'

const CasesPanel = lazy(() => import('./cases-panel'))
const route = getRouteApi('/member/batches/$batchId')

export default function BatchPage() {
  const { batchId } = route.useParams()
  return (
    <BatchFrame
      batchId={batchId}
      title="Batch"
      actions={(batch) => (
        <>
          {canRetry(batch) && <RetryButton batch={batch} />}
          {isActive(batch) ? <CancelButton batch={batch} /> : <ExtendButton batch={batch} />}
          {batch.state === 'completed' && <TrainButton batch={batch} />}
          <DownloadMenu resultsUrl={batch.results_url} archiveUrl={archiveOf(batch)} />
        </>
      )}
    >
      {(batch) => (
        <>
          <BatchBanner batch={batch} />
          <BatchFindings findings={batch.findings} />
          <BatchProgress batch={batch} />
          <Suspense fallback={<Skeleton h={320} aria-label="Loading" />}>
            <CasesPanel batch={batch} />
          </Suspense>
        </>
      )}
    </BatchFrame>
  )
}

/** Where the files of the cases are to be had as one zip; nowhere while no case has left any. */
function archiveOf(batch: Batch): string | undefined {
  const hasFiles = countOutcomes(batch) > 0 && batch.outputs_removed_at === null
  return hasFiles ? `${batch.status_url}archive/` : undefined
}
