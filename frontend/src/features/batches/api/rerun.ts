/** Failed cases of a batch run again, and single cases are stopped. */
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { cancelCase, retryBatch, type Batch } from '@/api'

import { batchOptions, isSearch } from './batches'

/** Whether the failed cases of a batch can be run again; a search makes no use of them, and lost files stay lost. */
export function canRetry(batch: Batch): boolean {
  const hasInputs = batch.state !== 'cancelled' && batch.outputs_removed_at === null
  return batch.counts.failed > 0 && hasInputs && !isSearch(batch)
}

export function useRetryBatch(batchId: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async () =>
      (await retryBatch({ path: { batch_id: batchId }, body: {}, throwOnError: true })).data,
    onSuccess: ({ batch }) => queryClient.setQueryData(batchOptions(batchId).queryKey, batch),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['batches'] }),
  })
}

export function useCancelCase(batchId: string, index: number) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async () => {
      const path = { batch_id: batchId, index: index.toString() }
      return (await cancelCase({ path, throwOnError: true })).data
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['batches'] }),
  })
}
