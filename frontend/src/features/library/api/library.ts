/** Building models and weather files: every one that the person may use, and uploading more. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'

import {
  listModelClassesOptions,
  listModelObjectsOptions,
  listModels,
  listWeather,
  readCursor,
  uploadModel,
  uploadWeather,
  type StoredFile,
} from '@/api'

export type LibraryKind = 'models' | 'weather'
export type LibraryItem = StoredFile

const LISTS = { models: listModels, weather: listWeather }

/** A model or weather file to be uploaded; a model brings the files that it refers to. */
export type Upload = { file: File; attachments: File[] }

/** What a study names the item by. */
export function refOf(item: LibraryItem): string {
  return item.alias ?? item.id
}

/** The whole list, page by page: a picker needs every name. */
export function libraryOptions(kind: LibraryKind) {
  return queryOptions({
    queryKey: ['library', kind],
    queryFn: async ({ signal }) => {
      const items: LibraryItem[] = []
      let cursor: string | undefined
      do {
        const query = { page_size: 200, ...(cursor !== undefined && { cursor }) }
        const { data } = await LISTS[kind]({ query, signal, throwOnError: true })
        items.push(...data.results)
        cursor = readCursor(data.next)
      } while (cursor !== undefined)
      return items
    },
    staleTime: 60_000,
  })
}

export function useUpload(kind: LibraryKind) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: async ({ file, attachments }: Upload) => {
      if (kind === 'weather') return (await uploadWeather({ body: { file }, throwOnError: true })).data
      const body = attachments.length === 0 ? { file } : { file, attachments }
      return (await uploadModel({ body, throwOnError: true })).data
    },
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['library', kind] }),
  })
}

/** The classes a model has objects of. A model never changes: it is stored by its content. */
export function classesOptions(model: string) {
  return { ...listModelClassesOptions({ path: { reference: model } }), staleTime: Infinity }
}

export function objectsOptions(model: string, className: string) {
  return {
    ...listModelObjectsOptions({ path: { reference: model }, query: { class: className } }),
    staleTime: Infinity,
  }
}
