/** What the service says about a study before it is submitted. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { batchesPreviewCreate } from '@/api'

import type { StudyDocument } from '../draft/build-study'
import { sendDocument } from './document'

/** Validates a study and tells what it would become; writes nothing. */
export function previewOptions(document: StudyDocument, enabled: boolean) {
  return queryOptions({
    queryKey: ['study-preview', document],
    queryFn: async ({ signal }) =>
      (await batchesPreviewCreate({ ...sendDocument(document), signal, throwOnError: true })).data,
    enabled,
    retry: false,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  })
}
