/** The result table as rows, and the addresses it is downloaded from. */
import { queryOptions } from '@tanstack/react-query'

import { batchesColumnsList, batchesResultsRetrieve } from '@/api'

export type ResultRow = Record<string, string | number | boolean | null>

/** Above this the page shows downloads rather than rows. */
export const MOST_ROWS = 10_000

/** Every row of the result table; `version` changes when there is more to read. */
export function resultsOptions(batchId: string, version: string, enabled: boolean) {
  return queryOptions({
    queryKey: ['results', batchId, version],
    queryFn: async ({ signal }) => {
      const request = {
        path: { batch_id: batchId },
        query: { as: 'json' as const },
        signal,
        throwOnError: true as const,
      }
      // The document describes one file of any format; as=json is a list of row objects.
      return (await batchesResultsRetrieve(request)).data as unknown as ResultRow[]
    },
    enabled,
    staleTime: Infinity,
  })
}

/** The columns of the table; metrics come in as the first cases that report them finish. */
export function resultColumnsOptions(batchId: string, version: string, enabled: boolean) {
  return queryOptions({
    queryKey: ['results', 'columns', batchId, version],
    queryFn: async ({ signal }) =>
      (await batchesColumnsList({ path: { batch_id: batchId }, signal, throwOnError: true })).data,
    enabled,
    staleTime: Infinity,
  })
}
