import { Skeleton } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'

import { DownloadMenu } from '@/components/ui/download-menu'

import { isActive } from '../api/batches'
import { BatchBanner } from './batch-banner'
import { BatchFindings } from './batch-findings'
import { BatchFrame } from './batch-frame'
import { BatchProgress } from './batch-progress'
import { CancelButton } from './cancel-button'
import { ExtendButton } from './extend-button'

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
          {isActive(batch) ? <CancelButton batch={batch} /> : <ExtendButton batch={batch} />}
          <DownloadMenu resultsUrl={batch.results_url} />
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
