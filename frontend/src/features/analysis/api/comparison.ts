/** Two batches, case by case. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'

import { batchesList, readCursor } from '@/api'
import { client } from '@/api/client'

import type { TableRow } from './valuation'

type Unmatched = { reason: string; count: number; cases: number[] }

export type ComparisonSummary = {
  matched: number
  unmatched: readonly Unmatched[]
  other_unmatched: readonly Unmatched[]
  metrics: readonly string[]
  parameters: readonly string[]
  notes: readonly string[]
}

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

const addressOf = (batchId: string, otherId: string) => `/api/batches/${batchId}/comparison/${otherId}/`

export function comparisonOptions(batchId: string, otherId: string) {
  return queryOptions({
    queryKey: ['comparison', batchId, otherId],
    queryFn: async ({ signal }) => {
      const url = addressOf(batchId, otherId)
      const request = { url, query: { as: 'json' }, signal, throwOnError: true as const }
      return (await client.get(request)).data as TableRow[]
    },
    enabled: otherId !== '',
  })
}

export function comparisonSummaryOptions(batchId: string, otherId: string) {
  return queryOptions({
    queryKey: ['comparison', 'summary', batchId, otherId],
    queryFn: async ({ signal }) => {
      const url = `${addressOf(batchId, otherId)}summary/`
      return (await client.get({ url, signal, throwOnError: true })).data as ComparisonSummary
    },
    enabled: otherId !== '',
  })
}
