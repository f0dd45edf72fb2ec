/** The construction sets that `assign_construction` may take constructions from. */
import { queryOptions, useQuery } from '@tanstack/react-query'

import { client } from '@/api/client'

const MEASURE = 'assign_construction'
const KINDS: Record<string, string> = {
  exterior_walls: 'exterior_wall',
  roofs: 'roof',
  ground_floors: 'ground_floor',
  windows: 'window',
}

export type ConstructionSet = {
  ref: string
  name: string
  constructions: readonly { name: string; kind: string }[]
}

function constructionSetsOptions() {
  return queryOptions({
    queryKey: ['construction-sets', 'all'],
    queryFn: async ({ signal }) => {
      const { data } = await client.get({ url: '/api/construction-sets/', signal, throwOnError: true })
      return data as ConstructionSet[]
    },
    staleTime: 60_000,
  })
}

/** Every set, for a parameter of the measure that needs them; undefined for all others. */
export function useConstructionSets(measure: string): readonly ConstructionSet[] | undefined {
  return useQuery({ ...constructionSetsOptions(), enabled: measure === MEASURE }).data
}

/** Names of the constructions that the arguments allow; none where they are not of that measure. */
export function constructionChoices(
  sets: readonly ConstructionSet[] | undefined,
  given: Record<string, string | string[]>,
): string[] {
  const kind = KINDS[String(given.surfaces ?? '')]
  return (sets?.find(({ ref }) => ref === given.set)?.constructions ?? [])
    .filter((construction) => kind === undefined || construction.kind === kind)
    .map(({ name }) => name)
}
