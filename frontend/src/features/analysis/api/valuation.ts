/** What energy costs and emits, kept with a batch, and what its cases save by it. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'

import {
  batchesSavingsRetrieve,
  batchesValuationDestroy,
  batchesValuationRetrieve,
  batchesValuationUpdate,
  type KeptValuation as KeptAnswer,
} from '@/api'

import type { Valuation } from '../draft/valuation'

/** The document does not say what a kept valuation looks like: it is as it was sent. */
export type KeptValuation = Omit<KeptAnswer, 'valuation'> & { valuation: Valuation | null }

export type TableRow = Record<string, string | number | boolean | null>

export function valuationOptions(batchId: string) {
  return queryOptions({
    queryKey: ['valuation', batchId],
    queryFn: async ({ signal }) =>
      (await batchesValuationRetrieve({ path: { batch_id: batchId }, signal, throwOnError: true }))
        .data as KeptValuation,
  })
}

/** Keeps a valuation with the batch; null keeps none any more. */
export function useKeepValuation(batchId: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (valuation: Valuation | null) => {
      const path = { batch_id: batchId }
      if (valuation === null) await batchesValuationDestroy({ path, throwOnError: true })
      else await batchesValuationUpdate({ path, body: valuation, throwOnError: true })
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['valuation', batchId] })
      await queryClient.invalidateQueries({ queryKey: ['savings', batchId] })
    },
  })
}

/** What each case saves against its baseline, by the kept valuation; `version` changes when there is more to read. */
export function savingsOptions(batchId: string, version: string) {
  return queryOptions({
    queryKey: ['savings', batchId, version],
    queryFn: async ({ signal }) => {
      const request = { path: { batch_id: batchId }, query: { as: 'json' as const }, signal }
      return (await batchesSavingsRetrieve({ ...request, throwOnError: true })).data as unknown as TableRow[]
    },
    staleTime: Infinity,
  })
}
