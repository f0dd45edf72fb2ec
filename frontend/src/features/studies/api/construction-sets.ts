/** The construction sets that `assign_construction` may take constructions from. */
import { useQuery } from '@tanstack/react-query'

import type { ConstructionSet, WholeConstructionSet } from '@/api'
import { constructionSetOptions, constructionSetsOptions } from '@/features/library/api/construction-sets'

const MEASURE = 'assign_construction'
/** The value that leaves the model's own constructions in place. */
const AS_IS = 'as_is'

/** The kind of construction that surfaces are made of, where it is not their own name without the plural. */
const KINDS: Record<string, string> = {
  exterior_walls: 'exterior_wall',
  roofs: 'roof',
  ground_floors: 'ground_floor',
}

export type OfferedConstructions = {
  /** Every set; undefined for measures that need none. */
  sets: readonly ConstructionSet[] | undefined
  /** Names of the constructions that the arguments allow. */
  names: string[]
}

export function useConstructions(
  measure: string,
  given: Record<string, string | string[]>,
): OfferedConstructions {
  const isNeeded = measure === MEASURE
  const sets = useQuery({ ...constructionSetsOptions(), enabled: isNeeded })
  const reference = isNeeded && typeof given.set === 'string' ? given.set : ''
  const set = useQuery(constructionSetOptions(reference))
  return { sets: isNeeded ? sets.data : undefined, names: listNames(set.data, String(given.surfaces ?? '')) }
}

function listNames(set: WholeConstructionSet | undefined, surfaces: string): string[] {
  if (set === undefined) return []
  const wanted = KINDS[surfaces] ?? 'window'
  return [AS_IS, ...set.constructions.filter(({ kind }) => kind === wanted).map(({ name }) => name)]
}
