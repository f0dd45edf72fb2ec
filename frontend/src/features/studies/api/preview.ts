/** What the service says about a study before it is submitted. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query'

import { batchesPreviewCreate } from '@/api'

import type { Study } from '../draft/build-study'

/** Validates `study` and tells the number of cases, the first of them and an estimate; writes nothing. */
export function previewOptions(study: Study, enabled: boolean) {
  return queryOptions({
    queryKey: ['study-preview', study],
    queryFn: async ({ signal }) =>
      (await batchesPreviewCreate({ body: study, signal, throwOnError: true })).data,
    enabled,
    retry: false,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  })
}
