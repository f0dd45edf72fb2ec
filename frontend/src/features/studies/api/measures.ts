/** The measures that the service knows, each with the form of its arguments. */
import { queryOptions } from '@tanstack/react-query'

import { client } from '@/api/client'

import type { Measure } from '../draft/measure'

/** They come with the service's release, so they are asked for once. */
export function measuresOptions() {
  return queryOptions({
    queryKey: ['measures'],
    queryFn: async ({ signal }) =>
      (await client.get({ url: '/api/measures/', signal, throwOnError: true })).data as Measure[],
    staleTime: Infinity,
  })
}
