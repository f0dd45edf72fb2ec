import { Skeleton, Stack, Text } from '@mantine/core'
import { IconPigMoney } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'

import { toApiError, type Batch } from '@/api'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorNotice } from '@/components/ui/error-notice'
import { Panel } from '@/components/ui/panel'
import { caseOptions } from '@/features/batches/api/batches'
import { BatchFrame } from '@/features/batches/components/batch-frame'
import { MOST_ROWS } from '@/features/results/api/results'
import { formatCount } from '@/format/numbers'

import { savingsOptions, valuationOptions, type KeptValuation } from '../api/valuation'
import { describeColumns } from '../draft/columns'
import { listUsedCarriers } from './carriers'
import { TableDownloads } from './table-downloads'

const ResultTable = lazy(() => import('@/features/results/components/result-table'))
const ValuationEditor = lazy(() => import('./valuation-editor'))

const route = getRouteApi('/member/batches/$batchId/savings')

const PERIODS: Record<string, string> = { annual: 'in a year', design_days: 'on the design days' }

/** What each case saves against the baseline of its own weather, in energy, money and carbon. */
export default function SavingsPage() {
  const { batchId } = route.useParams()
  return (
    <BatchFrame
      batchId={batchId}
      title="Savings"
      actions={() => <TableDownloads url={`/api/batches/${batchId}/savings/`} />}
    >
      {(batch) => <Content batch={batch} />}
    </BatchFrame>
  )
}

function Content({ batch }: { batch: Batch }) {
  const kept = useQuery(valuationOptions(batch.id))
  const first = useQuery(caseOptions(batch.id, batch.baseline_count > 0 ? -1 : 0))
  if (kept.error !== null) return <ErrorNotice error={kept.error} onRetry={() => void kept.refetch()} />
  if (kept.data === undefined || first.isLoading) return <Skeleton h={240} aria-label="Loading" />
  return (
    <Stack gap="md">
      <Suspense fallback={<Skeleton h={240} aria-label="Loading" />}>
        <ValuationEditor
          key={JSON.stringify(kept.data.valuation)}
          batchId={batch.id}
          kept={kept.data}
          carriers={listUsedCarriers(first.data?.metrics ?? {})}
        />
      </Suspense>
      <Savings batch={batch} kept={kept.data} />
    </Stack>
  )
}

function Savings({ batch, kept }: { batch: Batch; kept: KeptValuation }) {
  const { finished, total } = batch.progress
  const version = `${batch.state} ${finished.toString()}`
  const isShown = finished > 0 && total <= MOST_ROWS
  const rows = useQuery({ ...savingsOptions(batch.id, version), enabled: isShown })
  if (total > MOST_ROWS) {
    return (
      <EmptyState icon={IconPigMoney} title={`${formatCount(total)} rows are more than this page shows`}>
        Download the table to read it.
      </EmptyState>
    )
  }
  if (finished === 0) {
    return (
      <EmptyState icon={IconPigMoney} title="No case has finished yet">
        Savings appear here as cases finish.
      </EmptyState>
    )
  }
  if (rows.error !== null) {
    const problem = toApiError(rows.error)
    return problem.status === 409 ? (
      <EmptyState icon={IconPigMoney} title="No savings can be told">
        {[problem.message, ...problem.entries.map(({ message }) => message)].join(' ').replaceAll('`', '')}
      </EmptyState>
    ) : (
      <ErrorNotice error={problem} onRetry={() => void rows.refetch()} />
    )
  }
  if (rows.data === undefined) return <Skeleton h={240} aria-label="Loading" />
  return (
    <Panel
      title="Savings"
      aside={
        <Text size="xs" c="dimmed">
          {PERIODS[kept.period] ?? kept.period}
        </Text>
      }
    >
      <Suspense fallback={<Skeleton h={240} aria-label="Loading" />}>
        <ResultTable
          rows={rows.data}
          columns={describeColumns(rows.data, batch.parameters, kept.valuation?.currency)}
          summary="Each case against the baseline of its own weather and model"
        />
      </Suspense>
    </Panel>
  )
}
