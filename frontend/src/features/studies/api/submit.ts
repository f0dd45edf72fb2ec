import { useMutation, useQueryClient } from '@tanstack/react-query'

import { batchesCreate } from '@/api'

import type { Study } from '../draft/build-study'

/** Submits a study as a batch. */
export function useSubmitStudy() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (study: Study) => (await batchesCreate({ body: study, throwOnError: true })).data,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['batches'] }),
  })
}
