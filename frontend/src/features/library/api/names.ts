/** What a study names by id, in the words that people gave it: the name of the uploaded file. */
import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'

import { libraryOptions, type LibraryItem, type LibraryKind } from './library'

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** A program may run without a model or a weather file. */
type Ref = string | null

/** Returns the name of a reference: an alias is its own name, an upload has that of its file. */
export function useRefNames(kind: LibraryKind, refs: readonly Ref[]): (ref: Ref) => string {
  const { data } = useQuery({
    ...libraryOptions(kind),
    enabled: refs.some((ref) => ref !== null && ID.test(ref)),
  })
  return useCallback(
    (ref) => (ref === null ? '–' : (nameOf(data?.find((item) => item.id === ref)) ?? shorten(ref))),
    [data],
  )
}

function nameOf(item: LibraryItem | undefined): string | undefined {
  return item?.alias ?? item?.name
}

/** An upload that has been removed since has no name any more. */
function shorten(ref: string): string {
  return ID.test(ref) ? `upload ${ref.slice(0, 8)}` : ref
}
