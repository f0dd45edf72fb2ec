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
  type ConstructionFileRequest,
  type ConstructionModelRequest,
  type ConstructionSet,
} from '@/api'
import { formDataBodySerializer } from '@/api/generated/client'

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

/** A CSV file, or a building model by its reference. */
export type SetImport = ConstructionFileRequest | ConstructionModelRequest

/** The generated call knows the JSON of a model alone; a file goes as a form. */
function asForm(body: ConstructionFileRequest) {
  return {
    body: body as unknown as ConstructionModelRequest,
    ...formDataBodySerializer,
    headers: { 'Content-Type': null },
  }
}

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
    mutationFn: async (body: SetImport) =>
      (await importConstructionSet({ ...('file' in body ? asForm(body) : { body }), throwOnError: true }))
        .data,
    onSuccess,
  })
  return { copy, change, remove, take }
}
