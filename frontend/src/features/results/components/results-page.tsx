import { Skeleton } from '@mantine/core'
import { IconTableOff } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'

import type { Batch } from '@/api'
import { DownloadMenu } from '@/components/ui/download-menu'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorNotice } from '@/components/ui/error-notice'
import { BatchFrame } from '@/features/batches/components/batch-frame'
import { formatCount } from '@/format/numbers'

import { MOST_ROWS, resultColumnsOptions, resultsOptions } from '../api/results'

const ResultTable = lazy(() => import('./result-table'))
const route = getRouteApi('/member/batches/$batchId/results')

/** Small tables follow the batch case by case; large ones are read when its state changes. */
const MOST_LIVE_ROWS = 500

export default function ResultsPage() {
  const { batchId } = route.useParams()
  return (
    <BatchFrame
      batchId={batchId}
      title="Results"
      actions={(batch) => <DownloadMenu resultsUrl={batch.results_url} />}
    >
      {(batch) => <Results batch={batch} />}
    </BatchFrame>
  )
}

function Results({ batch }: { batch: Batch }) {
  const { finished, total } = batch.progress
  const version = total <= MOST_LIVE_ROWS ? `${batch.state} ${finished.toString()}` : batch.state
  const isShown = finished > 0 && total <= MOST_ROWS
  const rows = useQuery({ ...resultsOptions(batch.id, version, isShown), placeholderData: keepPreviousData })
  const columns = useQuery({
    ...resultColumnsOptions(batch.id, version, isShown),
    placeholderData: keepPreviousData,
  })

  if (finished === 0) {
    return (
      <EmptyState icon={IconTableOff} title="No case has finished yet">
        Results appear here as cases finish.
      </EmptyState>
    )
  }
  if (total > MOST_ROWS) {
    return (
      <EmptyState icon={IconTableOff} title={`${formatCount(total)} rows are more than this page shows`}>
        Download the table to read it; up to {formatCount(MOST_ROWS)} rows are shown here.
      </EmptyState>
    )
  }
  const error = rows.error ?? columns.error
  if (error !== null)
    return <ErrorNotice error={error} title="The table cannot be read" onRetry={() => void rows.refetch()} />
  if (rows.data === undefined || columns.data === undefined) return <Skeleton h={320} aria-label="Loading" />
  return (
    <Suspense fallback={<Skeleton h={320} aria-label="Loading" />}>
      <ResultTable rows={rows.data} columns={columns.data} summary={describeContent(batch)} />
    </Suspense>
  )
}

function describeContent({ progress, verdicts, counts }: Batch): string {
  const parts = [
    `${formatCount(verdicts.valid)} valid`,
    verdicts.suspect > 0 ? `${formatCount(verdicts.suspect)} suspect` : '',
    counts.failed > 0 ? `${formatCount(counts.failed)} failed (no metrics)` : '',
    progress.finished < progress.total ? `${formatCount(progress.total - progress.finished)} to come` : '',
  ]
  return [`${formatCount(progress.total)} rows`, ...parts.filter((part) => part !== '')].join(' · ')
}
