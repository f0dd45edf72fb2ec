/** Two batches, case by case. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'

import { batchesComparisonRetrieve, batchesComparisonSummaryRetrieve, batchesList, readCursor } from '@/api'

import type { TableRow } from './valuation'

/** The batches that may be compared with; the newest first, page by page. */
export function otherBatchesOptions() {
  return infiniteQueryOptions({
    queryKey: ['batches', 'names'],
    queryFn: async ({ pageParam, signal }) => {
      const query = { page_size: 100, ...(pageParam !== undefined && { cursor: pageParam }) }
      return (await batchesList({ query, signal, throwOnError: true })).data
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => readCursor(page.next),
  })
}

export function comparisonOptions(batchId: string, otherId: string) {
  return queryOptions({
    queryKey: ['comparison', batchId, otherId],
    queryFn: async ({ signal }) => {
      const path = { batch_id: batchId, other_id: otherId }
      const request = { path, query: { as: 'json' as const }, signal, throwOnError: true as const }
      return (await batchesComparisonRetrieve(request)).data as unknown as TableRow[]
    },
    enabled: otherId !== '',
  })
}

export function comparisonSummaryOptions(batchId: string, otherId: string) {
  return queryOptions({
    queryKey: ['comparison', 'summary', batchId, otherId],
    queryFn: async ({ signal }) => {
      const path = { batch_id: batchId, other_id: otherId }
      return (await batchesComparisonSummaryRetrieve({ path, signal, throwOnError: true })).data
    },
    enabled: otherId !== '',
  })
}
