/** More cases for a batch that has ended. */
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { extendBatch, type ExtendBatchData } from '@/api'

/** More of the batch's own design, or points of one's own. */
export type Extension = NonNullable<ExtendBatchData['body']>

export function useExtendBatch(batchId: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (extension: Extension) =>
      (await extendBatch({ path: { batch_id: batchId }, body: extension, throwOnError: true })).data,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['batches'] }),
  })
}
