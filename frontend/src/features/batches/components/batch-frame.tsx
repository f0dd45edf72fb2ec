import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import type { Batch } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { Page } from '@/components/ui/page'
import { StateBadge } from '@/components/ui/state-badge'

import { batchOptions } from '../api/batches'
import { BatchTabs } from './batch-tabs'

type BatchFrameProps = {
  batchId: string
  /** What of the batch the page shows: "Results". */
  title: string
  actions?: (batch: Batch) => ReactNode
  children: (batch: Batch) => ReactNode
}

/** A page of a batch: its name and state, the way to its other pages, and the content once the batch is there. */
export function BatchFrame({ batchId, title, actions, children }: BatchFrameProps) {
  const query = useQuery(batchOptions(batchId))
  const batch = query.data
  return (
    <Page
      title={batch === undefined ? title : `${title} of ${batch.name}`}
      heading={batch?.name ?? title}
      badge={batch !== undefined && <StateBadge state={batch.state} size="md" />}
      actions={batch !== undefined && actions?.(batch)}
    >
      {batch !== undefined && <BatchTabs batch={batch} />}
      {query.error !== null && (
        <ErrorNotice
          error={query.error}
          title={batch === undefined ? 'This batch cannot be shown' : 'The figures below are not up to date'}
          onRetry={() => void query.refetch()}
        />
      )}
      {batch === undefined
        ? query.error === null && <Skeleton h={240} aria-label="Loading" />
        : children(batch)}
    </Page>
  )
}
