/** More cases for a batch that has ended. */
import { useMutation, useQueryClient } from '@tanstack/react-query'

import { client } from '@/api/client'

/** More of the batch's own design, or points of one's own. */
export type Extension = { samples: number } | { rows: Record<string, string | number>[] }

export function useExtendBatch(batchId: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (extension: Extension) =>
      client.post({ url: `/api/batches/${batchId}/extend/`, body: extension, throwOnError: true }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['batches'] }),
  })
}
