/** Batches and their cases: lists, one, changes. Active ones are asked for again every second or two. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'

import {
  batchesCancelCreate,
  batchesCasesList,
  batchesCasesMessagesRetrieve,
  batchesCasesRetrieve,
  batchesColumnsList,
  batchesList,
  batchesRetrieve,
  readCursor,
  type Batch,
  type BatchesCasesListData,
  type BatchSummary,
} from '@/api'
import { formatDuration } from '@/format/times'

export type CaseFilter = Pick<NonNullable<BatchesCasesListData['query']>, 'state' | 'verdict'>

const ACTIVE_STATES = new Set(['queued', 'expanding', 'running', 'aggregating'])
const PACE_MS = 1000
const SLOW_PACE_MS = 5000

export function isActive(batch: Pick<BatchSummary, 'state'>): boolean {
  return ACTIVE_STATES.has(batch.state)
}

/** Whether its figures may still change: it is active, or it was cancelled and some engines are being stopped. */
export function isMoving(batch: Pick<BatchSummary, 'state' | 'counts'>): boolean {
  return isActive(batch) || batch.counts.running > 0
}

/** Cases that have an outcome: finished ones less those that were cancelled before they had any. */
export function countOutcomes({ counts }: Pick<BatchSummary, 'counts'>): number {
  return counts.succeeded + counts.failed
}

const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' })
const ENDINGS: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' }
const SOON_S = 30

/** Where a batch stands that has not begun: "waits: 3rd in line, starts in about 4 min". */
export function describeQueue(queue: NonNullable<BatchSummary['queue']>, now = Date.now()): string {
  const ending = ENDINGS[ORDINALS.select(queue.position)] ?? 'th'
  const place = `waits: ${queue.position.toString()}${ending} in line`
  if (queue.expected_start_at === null) return place
  const seconds = (Date.parse(queue.expected_start_at) - now) / 1000
  if (seconds < SOON_S) return `${place}, starts soon`
  return `${place}, starts in about ${formatDuration(60 * Math.max(1, Math.round(seconds / 60)))}`
}

export function batchListOptions() {
  return infiniteQueryOptions({
    queryKey: ['batches', 'list'],
    queryFn: async ({ pageParam, signal }) =>
      (await batchesList({ query: withCursor(pageParam), signal, throwOnError: true })).data,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => readCursor(page.next),
    refetchInterval: ({ state }) => {
      const batches = state.data?.pages.flatMap((page) => page.results) ?? []
      return batches.some(isActive) ? 2 * PACE_MS : 2 * SLOW_PACE_MS
    },
  })
}

export function batchOptions(batchId: string) {
  return queryOptions({
    queryKey: ['batches', 'one', batchId],
    queryFn: async ({ signal }) =>
      (await batchesRetrieve({ path: { batch_id: batchId }, signal, throwOnError: true })).data,
    refetchInterval: ({ state }) => (state.data !== undefined && isMoving(state.data) ? PACE_MS : false),
  })
}

/** The cases of a batch by index; `live` while they may still change. */
export function casesOptions(batchId: string, filter: CaseFilter, live: boolean) {
  return infiniteQueryOptions({
    queryKey: ['batches', 'cases', batchId, filter],
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filter, ...withCursor(pageParam) }
      return (await batchesCasesList({ path: { batch_id: batchId }, query, signal, throwOnError: true })).data
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => readCursor(page.next),
    refetchInterval: ({ state }) => {
      if (!live) return false
      return (state.data?.pages.length ?? 1) > 3 ? SLOW_PACE_MS : 2 * PACE_MS
    },
  })
}

export function caseOptions(batchId: string, index: number) {
  return queryOptions({
    queryKey: ['batches', 'case', batchId, index],
    queryFn: async ({ signal }) =>
      (
        await batchesCasesRetrieve({
          path: { batch_id: batchId, index: index.toString() },
          signal,
          throwOnError: true,
        })
      ).data,
    refetchInterval: ({ state }) => {
      const shown = state.data?.state
      return shown === 'pending' || shown === 'running' ? 2 * PACE_MS : false
    },
  })
}

/** What the engine complained of in a case that has ended; it does not change any more. */
export function messagesOptions(batchId: string, index: number) {
  return queryOptions({
    queryKey: ['batches', 'messages', batchId, index],
    queryFn: async ({ signal }) =>
      (
        await batchesCasesMessagesRetrieve({
          path: { batch_id: batchId, index: index.toString() },
          signal,
          throwOnError: true,
        })
      ).data,
  })
}

/** Names, labels and units of the result table's columns; they do not change once the batch is there. */
export function columnsOptions(batchId: string) {
  return queryOptions({
    queryKey: ['batches', 'columns', batchId],
    queryFn: async ({ signal }) =>
      (await batchesColumnsList({ path: { batch_id: batchId }, signal, throwOnError: true })).data,
  })
}

export function useCancelBatch(batchId: string) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async () =>
      (await batchesCancelCreate({ path: { batch_id: batchId }, throwOnError: true })).data,
    onSuccess: (batch: Batch) => queryClient.setQueryData(batchOptions(batchId).queryKey, batch),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['batches'] }),
  })
}

function withCursor(cursor: string | undefined): { cursor?: string } {
  return cursor === undefined ? {} : { cursor }
}

/** The method of the batch's design; a study without a design is a grid. */
export function designOf({ study }: Pick<Batch, 'study'>): string {
  const { design } = study as { design?: { method?: unknown } }
  return typeof design?.method === 'string' ? design.method : 'grid'
}

const SEARCHES = new Set(['nsga2', 'differential_evolution'])

/** Whether the batch chooses its cases as it goes. */
export function isSearch(batch: Pick<Batch, 'study'>): boolean {
  return SEARCHES.has(designOf(batch))
}
