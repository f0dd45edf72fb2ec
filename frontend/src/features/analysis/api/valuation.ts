/** What energy costs and emits, kept with a batch, and what its cases save by it. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'

import { client } from '@/api/client'

import type { Valuation } from '../draft/valuation'

export type KeptValuation = {
  valuation: Valuation | null
  /** What costs and emissions are of: `annual`, or the simulated days. */
  period: string
  series: readonly { meter: string; frequency: string }[]
}

export type TableRow = Record<string, string | number | boolean | null>

const addressOf = (batchId: string) => `/api/batches/${batchId}/valuation/`

export function valuationOptions(batchId: string) {
  return queryOptions({
    queryKey: ['valuation', batchId],
    queryFn: async ({ signal }) =>
      (await client.get({ url: addressOf(batchId), signal, throwOnError: true })).data as KeptValuation,
  })
}

/** Keeps a valuation with the batch; null keeps none any more. */
export function useKeepValuation(batchId: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (valuation: Valuation | null) => {
      const url = addressOf(batchId)
      if (valuation === null) await client.delete({ url, throwOnError: true })
      else await client.put({ url, body: valuation, throwOnError: true })
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
      const url = `/api/batches/${batchId}/savings/`
      const request = { url, query: { as: 'json' }, signal, throwOnError: true as const }
      return (await client.get(request)).data as TableRow[]
    },
    staleTime: Infinity,
  })
}
