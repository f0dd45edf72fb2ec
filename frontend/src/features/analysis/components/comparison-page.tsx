import { Select, Skeleton, Stack } from '@mantine/core'
import { IconArrowsDiff } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'

import type { Batch } from '@/api'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorNotice } from '@/components/ui/error-notice'
import { Panel } from '@/components/ui/panel'
import { BatchFrame } from '@/features/batches/components/batch-frame'
import { formatCount } from '@/format/numbers'
import { formatAgo } from '@/format/times'

import { comparisonOptions, comparisonSummaryOptions, otherBatchesOptions } from '../api/comparison'
import type { TableRow } from '../api/valuation'
import { describeColumns } from '../draft/columns'
import { ComparisonPlot } from './comparison-plot'
import { ComparisonSummaryText } from './comparison-summary'
import { TableDownloads } from './table-downloads'

const ResultTable = lazy(() => import('@/features/results/components/result-table'))

const route = getRouteApi('/member/batches/$batchId/comparison')

/** Two batches, case by case: the cases of the same inputs beside each other. */
export default function ComparisonPage() {
  const { batchId } = route.useParams()
  const { other } = route.useSearch()
  return (
    <BatchFrame
      batchId={batchId}
      title="Comparison"
      actions={() =>
        other !== undefined && <TableDownloads url={`/api/batches/${batchId}/comparison/${other}/`} />
      }
    >
      {(batch) => <Content batch={batch} other={other ?? ''} />}
    </BatchFrame>
  )
}

function Content({ batch, other }: { batch: Batch; other: string }) {
  const navigate = route.useNavigate()
  return (
    <Stack gap="md">
      <OtherBatch
        batch={batch}
        other={other}
        onChange={(id) => void navigate({ search: { other: id }, replace: true })}
      />
      {other === '' ? (
        <EmptyState icon={IconArrowsDiff} title="Compare with which batch?">
          Cases are paired where their model, weather and parameters are equal, so that what differs between
          the batches is what makes the difference.
        </EmptyState>
      ) : (
        <Comparison batch={batch} other={other} />
      )}
    </Stack>
  )
}

type OtherBatchProps = { batch: Batch; other: string; onChange: (id: string) => void }

function OtherBatch({ batch, other, onChange }: OtherBatchProps) {
  const list = useInfiniteQuery(otherBatchesOptions())
  const { hasNextPage, fetchNextPage, isFetchingNextPage } = list
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, fetchNextPage, isFetchingNextPage])
  const others = (list.data?.pages ?? [])
    .flatMap(({ results }) => results)
    .filter(({ id }) => id !== batch.id)
  return (
    <Select
      label="Compare with"
      maw={480}
      searchable
      allowDeselect={false}
      placeholder="Choose a batch"
      nothingFoundMessage={list.isPending ? 'Loading…' : 'No other batch'}
      data={others.map(({ id, name, created_at, case_count }) => ({
        value: id,
        label: `${name} · ${formatCount(case_count)} cases · ${formatAgo(created_at)}`,
      }))}
      value={other === '' ? null : other}
      onChange={(id) => id !== null && onChange(id)}
    />
  )
}

function Comparison({ batch, other }: { batch: Batch; other: string }) {
  const summary = useQuery(comparisonSummaryOptions(batch.id, other))
  const rows = useQuery(comparisonOptions(batch.id, other))
  const error = summary.error ?? rows.error
  if (error !== null)
    return <ErrorNotice error={error} title="These cannot be compared" onRetry={() => void rows.refetch()} />
  if (summary.data === undefined || rows.data === undefined) return <Skeleton h={320} aria-label="Loading" />
  const { matched, metrics } = summary.data
  return (
    <>
      <ComparisonSummaryText summary={summary.data} />
      {matched > 0 && <ComparisonPlot rows={rows.data} metrics={metrics} />}
      <Panel title="Case by case">
        <Suspense fallback={<Skeleton h={240} aria-label="Loading" />}>
          <ResultTable
            rows={rows.data.map(nameMatch)}
            columns={describeColumns(rows.data, batch.parameters)}
            summary={`${formatCount(matched)} pairs`}
          />
        </Suspense>
      </Panel>
    </>
  )
}

/** `other_weather` in words. */
function nameMatch(row: TableRow): TableRow {
  return { ...row, match: String(row.match).replaceAll('_', ' ') }
}
