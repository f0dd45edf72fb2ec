/** What an optimisation has found so far. */
import { queryOptions } from '@tanstack/react-query'

import { batchesFrontRetrieve, type Front } from '@/api'

export type SearchPoint = Front['points'][number]
export type Objective = Front['objectives'][number]

const PACE_MS = 3000

/** Asked again while the search goes on, and once more when it has ended. */
export function frontOptions(batchId: string, state: string, live: boolean) {
  return queryOptions({
    queryKey: ['front', batchId, state],
    queryFn: async ({ signal }) =>
      (await batchesFrontRetrieve({ path: { batch_id: batchId }, signal, throwOnError: true })).data,
    refetchInterval: live ? PACE_MS : false,
  })
}

/** The best value of an objective up to each generation that has any; `points` are in the order of their cases. */
export function bestByGeneration(points: readonly SearchPoint[], { metric, goal }: Objective): number[] {
  const best: number[] = []
  for (const { generation, objectives, verdict } of points) {
    const value = objectives[metric]
    if (typeof value !== 'number' || verdict === 'failed') continue
    const before = best[generation] ?? best.at(-1)
    const isBetter = before === undefined || (goal === 'minimise' ? value < before : value > before)
    best[generation] = isBetter ? value : before
  }
  return best.filter((value) => typeof value === 'number')
}
