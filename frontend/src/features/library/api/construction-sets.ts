/** Construction sets: what walls, roofs, floors and windows may be made of. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'

import {
  changeConstructionSet,
  createConstructionSet,
  deleteConstructionSet,
  importConstructionSet,
  listConstructionSets,
  readCursor,
  showConstructionSet,
  type ChangeConstructionSetData,
  type ConstructionSet,
} from '@/api'

/** The bundled sets and one's own, page by page: a picker needs every name. */
export function constructionSetsOptions() {
  return queryOptions({
    queryKey: ['construction-sets', 'list'],
    queryFn: async ({ signal }) => {
      const sets: ConstructionSet[] = []
      let cursor: string | undefined
      do {
        const query = { page_size: 200, ...(cursor !== undefined && { cursor }) }
        const { data } = await listConstructionSets({ query, signal, throwOnError: true })
        sets.push(...data.results)
        cursor = readCursor(data.next)
      } while (cursor !== undefined)
      return sets
    },
    staleTime: 60_000,
  })
}

/** A set with all its constructions. */
export function constructionSetOptions(reference: string) {
  return queryOptions({
    queryKey: ['construction-sets', 'one', reference],
    queryFn: async ({ signal }) =>
      (await showConstructionSet({ path: { reference }, signal, throwOnError: true })).data,
    enabled: reference !== '',
    staleTime: 60_000,
  })
}

export type SetChanges = NonNullable<ChangeConstructionSetData['body']>

/** Every way to make, change and delete sets of one's own. */
export function useConstructionSetChanges() {
  const queryClient = useQueryClient()
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: ['construction-sets'] })
  const copy = useMutation({
    mutationFn: async ({ source, name }: { source: string; name: string }) =>
      (await createConstructionSet({ body: { name, copy_of: source }, throwOnError: true })).data,
    onSuccess,
  })
  const change = useMutation({
    mutationFn: async ({ reference, changes }: { reference: string; changes: SetChanges }) =>
      (await changeConstructionSet({ path: { reference }, body: changes, throwOnError: true })).data,
    onSuccess,
  })
  const remove = useMutation({
    mutationFn: async (reference: string) =>
      (await deleteConstructionSet({ path: { reference }, throwOnError: true })).data,
    onSuccess,
  })
  const take = useMutation({
    mutationFn: async (body: Parameters<typeof importConstructionSet>[0]['body']) =>
      (await importConstructionSet({ body, throwOnError: true })).data,
    onSuccess,
  })
  return { copy, change, remove, take }
}
