import { Skeleton } from '@mantine/core'
import { IconTable } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'

import { DownloadMenu } from '@/components/ui/download-menu'
import { ErrorNotice } from '@/components/ui/error-notice'
import { ButtonLink } from '@/components/ui/links'
import { Page } from '@/components/ui/page'
import { StateBadge } from '@/components/ui/state-badge'

import { batchOptions, isActive } from '../api/batches'
import { BatchBanner } from './batch-banner'
import { BatchFindings } from './batch-findings'
import { BatchProgress } from './batch-progress'
import { CancelButton } from './cancel-button'
import { CasesPanel } from './cases-panel'

const route = getRouteApi('/member/batches/$batchId')

export default function BatchPage() {
  const { batchId } = route.useParams()
  const query = useQuery(batchOptions(batchId))
  const batch = query.data
  if (batch === undefined) {
    return (
      <Page title="Batch">
        {query.error === null ? (
          <Skeleton h={180} aria-label="Loading" />
        ) : (
          <ErrorNotice
            error={query.error}
            title="This batch cannot be shown"
            onRetry={() => void query.refetch()}
          />
        )}
      </Page>
    )
  }
  const active = isActive(batch)
  return (
    <Page
      title={batch.name}
      badge={<StateBadge state={batch.state} size="md" />}
      actions={
        <>
          {active && <CancelButton batch={batch} />}
          <DownloadMenu resultsUrl={batch.results_url} />
          <ButtonLink
            to="/batches/$batchId/results"
            params={{ batchId }}
            leftSection={<IconTable size={16} stroke={1.7} />}
          >
            Results
          </ButtonLink>
        </>
      }
    >
      {query.error !== null && (
        <ErrorNotice
          error={query.error}
          title="The figures below are not up to date"
          onRetry={() => void query.refetch()}
        />
      )}
      <BatchBanner batch={batch} />
      <BatchFindings findings={batch.findings} />
      <BatchProgress batch={batch} />
      <CasesPanel batch={batch} />
    </Page>
  )
}
