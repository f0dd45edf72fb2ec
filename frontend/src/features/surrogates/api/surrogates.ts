/** Surrogates: lists, one, training, questions. Those that are being trained are asked for again every second. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'

import {
  cancelSurrogate,
  deleteSurrogate,
  predict,
  readCursor,
  showSurrogate,
  surrogatesList,
  trainSurrogate,
  type SurrogateSummary,
  type TrainingRequest,
} from '@/api'

const PACE_MS = 1000
const SLOW_PACE_MS = 10_000

export type InputValues = Record<string, number | string>

/** Whether it may still become something else by itself. */
export function isOpen({ state }: Pick<SurrogateSummary, 'state'>): boolean {
  return state === 'queued' || state === 'training'
}

export function surrogateListOptions() {
  return infiniteQueryOptions({
    queryKey: ['surrogates', 'list'],
    queryFn: async ({ pageParam, signal }) => {
      const query = pageParam === undefined ? {} : { cursor: pageParam }
      return (await surrogatesList({ query, signal, throwOnError: true })).data
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => readCursor(page.next),
    refetchInterval: ({ state }) => {
      const surrogates = state.data?.pages.flatMap((page) => page.results) ?? []
      return surrogates.some(isOpen) ? PACE_MS : SLOW_PACE_MS
    },
  })
}

export function surrogateOptions(surrogateId: string) {
  return queryOptions({
    queryKey: ['surrogates', 'one', surrogateId],
    queryFn: async ({ signal }) =>
      (await showSurrogate({ path: { surrogate_id: surrogateId }, signal, throwOnError: true })).data,
    refetchInterval: ({ state }) => (state.data !== undefined && isOpen(state.data) ? PACE_MS : false),
  })
}

/** What a surrogate says of one point; the answer to an earlier one stays in view until the next is there. */
export function predictionOptions(surrogateId: string, inputs: InputValues, level: number) {
  return queryOptions({
    queryKey: ['surrogates', 'prediction', surrogateId, inputs, level],
    queryFn: async ({ signal }) => {
      const path = { surrogate_id: surrogateId }
      return (await predict({ path, body: { inputs, level }, signal, throwOnError: true })).data
    },
    placeholderData: (earlier) => earlier,
    staleTime: Infinity,
    // The service has waited for a worker already; one asks again by hand.
    retry: false,
  })
}

export function useTrainSurrogate() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async (body: TrainingRequest) => (await trainSurrogate({ body, throwOnError: true })).data,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['surrogates', 'list'] }),
  })
}

export function useSurrogateChanges(surrogateId: string) {
  const queryClient = useQueryClient()
  const path = { surrogate_id: surrogateId }
  const cancel = useMutation({
    mutationFn: async () => (await cancelSurrogate({ path, throwOnError: true })).data,
    onSuccess: (surrogate) => queryClient.setQueryData(surrogateOptions(surrogateId).queryKey, surrogate),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['surrogates'] }),
  })
  const remove = useMutation({
    mutationFn: async () => deleteSurrogate({ path, throwOnError: true }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['surrogates', 'list'] }),
  })
  return { cancel, remove }
}
