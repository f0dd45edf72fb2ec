/** Which parameters of a batch matter for a metric. */
import { queryOptions } from '@tanstack/react-query'

import { batchesSensitivityRetrieve, type BatchesSensitivityRetrieveData } from '@/api'

export type SensitivityWish = BatchesSensitivityRetrieveData['query']

export const METHODS: readonly { value: NonNullable<SensitivityWish['method']>; label: string }[] = [
  { value: 'auto', label: 'What suits the design' },
  { value: 'morris', label: 'Morris: elementary effects' },
  { value: 'sobol', label: 'Sobol’ indices' },
  { value: 'regression', label: 'Regression coefficients' },
  { value: 'pawn', label: 'PAWN' },
  { value: 'delta', label: 'Delta' },
]

/** `version` changes when there are more cases to read. */
export function sensitivityOptions(batchId: string, wish: SensitivityWish, version: string) {
  return queryOptions({
    queryKey: ['sensitivity', batchId, wish, version],
    queryFn: async ({ signal }) =>
      (
        await batchesSensitivityRetrieve({
          path: { batch_id: batchId },
          query: wish,
          signal,
          throwOnError: true,
        })
      ).data,
    staleTime: Infinity,
  })
}
