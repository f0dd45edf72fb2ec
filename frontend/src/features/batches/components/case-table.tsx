import { Skeleton, Text } from '@mantine/core'
import { IconListSearch } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { columnVisibilityFeature, tableFeatures, useTable } from '@tanstack/react-table'
import { useCallback, useEffect, useMemo, useRef } from 'react'

import type { Batch, Case } from '@/api'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorNotice } from '@/components/ui/error-notice'
import { VirtualTable } from '@/components/ui/virtual-table'
import { useRefNames } from '@/features/library/api/names'

import { casesOptions, isMoving, type CaseFilter } from '../api/batches'
import { describeLook, makeCaseColumns } from './case-columns'

export const caseFeatures = tableFeatures({ columnVisibilityFeature })

const EMPTY: Record<string, string> = {
  queued: 'Waiting for a worker to begin',
  expanding: 'The cases are being written',
}

type CaseTableProps = {
  batch: Batch
  filter: CaseFilter
  onOpen: (index: number) => void
}

/** The cases of a batch by index, loaded page by page while one scrolls. */
export function CaseTable({ batch, filter, onOpen }: CaseTableProps) {
  const live = isMoving(batch)
  const query = useInfiniteQuery(casesOptions(batch.id, filter, live))
  const cases = useMemo(() => query.data?.pages.flatMap((page) => page.results) ?? [], [query.data])
  const hasModels = new Set(cases.map((found) => found.model)).size > 1
  const { parameters } = batch
  const model = useRefNames('models', listRefs(cases, 'model'))
  const weather = useRefNames('weather', listRefs(cases, 'weather'))
  const columns = useMemo(
    () => makeCaseColumns(parameters, hasModels, { model, weather }),
    [parameters, hasModels, model, weather],
  )
  const look = useMemo(() => describeLook(parameters), [parameters])
  const table = useTable({
    features: caseFeatures,
    columns,
    data: cases,
    getRowId: (row: Case) => row.index.toString(),
  })
  const { fetchNextPage, hasNextPage, isFetchingNextPage, refetch } = query
  const wasLive = useRef(live)
  useEffect(() => {
    if (wasLive.current && !live) void refetch() // what finished after the last look
    wasLive.current = live
  }, [live, refetch])
  const loadMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [fetchNextPage, hasNextPage, isFetchingNextPage])

  if (query.isPending) return <Skeleton h={160} aria-label="Loading" />
  if (query.error !== null && cases.length === 0)
    return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />
  if (cases.length === 0) {
    return <EmptyState icon={IconListSearch} title={EMPTY[batch.state] ?? 'No case is in this state'} />
  }
  return (
    <VirtualTable
      table={table}
      label="Cases"
      look={look}
      maxHeight="max(320px, calc(100vh - 420px))"
      onOpen={(row) => onOpen(row.index)}
      onEnd={loadMore}
      footer={
        isFetchingNextPage && (
          <Text size="xs" c="dimmed" p="xs">
            Loading more cases…
          </Text>
        )
      }
    />
  )
}

function listRefs(cases: readonly Case[], kind: 'model' | 'weather'): (string | null)[] {
  return [...new Set(cases.map((found) => found[kind]))]
}
