/** What its owner changes of a batch that is there: how urgent it is, whether its files are kept. */
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { batchesPartialUpdate, type BatchesPartialUpdateData } from '@/api'

import { batchOptions } from './batches'

type Change = NonNullable<BatchesPartialUpdateData['body']>

export function useChangeBatch(batchId: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (change: Change) =>
      (await batchesPartialUpdate({ path: { batch_id: batchId }, body: change, throwOnError: true })).data,
    onSuccess: (batch) => queryClient.setQueryData(batchOptions(batchId).queryKey, batch),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['batches'] }),
  })
}
