/** A pilot run: the first few cases of a study, to know what a run takes before all of them are submitted. */
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

import { batchesPilotCreate, batchesRetrieve, type Batch } from '@/api'

import type { StudyDocument } from '../draft/build-study'

const PACE_MS = 1500
const ENDED = new Set<Batch['state']>(['completed', 'failed', 'cancelled'])

function pilotOptions(batchId: string) {
  return queryOptions({
    queryKey: ['pilot', batchId],
    queryFn: async ({ signal }) =>
      (await batchesRetrieve({ path: { batch_id: batchId }, signal, throwOnError: true })).data,
    enabled: batchId !== '',
    refetchInterval: ({ state }) =>
      state.data !== undefined && ENDED.has(state.data.state) ? false : PACE_MS,
  })
}

/** Starts a pilot and follows it; the previews are asked for again when it has ended. */
export function usePilot() {
  const queryClient = useQueryClient()
  const start = useMutation({
    mutationFn: async (document: StudyDocument) =>
      (await batchesPilotCreate({ body: { study: await asStudy(document) }, throwOnError: true })).data,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['batches'] }),
  })
  const { data: batch } = useQuery(pilotOptions(start.data?.id ?? ''))
  const hasEnded = batch !== undefined && ENDED.has(batch.state)
  useEffect(() => {
    if (hasEnded) void queryClient.invalidateQueries({ queryKey: ['study-preview'] })
  }, [hasEnded, queryClient])
  return { start, batch, hasEnded }
}

async function asStudy(document: StudyDocument): Promise<Record<string, unknown>> {
  if (typeof document !== 'string') return document
  const { parse } = await import('yaml')
  return parse(document) as Record<string, unknown>
}
