import { useMutation, useQueryClient } from '@tanstack/react-query'

import { batchesCreate } from '@/api'

import type { StudyDocument } from '../draft/build-study'
import { sendDocument } from './document'

/** Submits a study as a batch. */
export function useSubmitStudy() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (document: StudyDocument) =>
      (await batchesCreate({ ...sendDocument(document), throwOnError: true })).data,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['batches'] }),
  })
}
