import { useCallback, useEffect, useState } from 'react'

import {
  duplicateParameter,
  makeDraft,
  makeParameter,
  type ParameterDraft,
  type ParameterTarget,
  type StudyDraft,
} from './draft'
import { loadDraft, storeDraft } from './draft-storage'

export type DraftEditor = ReturnType<typeof useDraft>

/** The draft, every way to change it, and its copy in the browser's storage. */
export function useDraft() {
  const [draft, setDraft] = useState<StudyDraft>(loadDraft)
  useEffect(() => {
    storeDraft(draft)
  }, [draft])

  const change = useCallback((part: Partial<StudyDraft>) => setDraft((old) => ({ ...old, ...part })), [])
  const changeParameter = useCallback((key: string, part: Partial<ParameterDraft>) => {
    setDraft((old) => ({
      ...old,
      parameters: old.parameters.map((parameter) =>
        parameter.key === key ? { ...parameter, ...part } : parameter,
      ),
    }))
  }, [])
  const addParameter = useCallback((target: ParameterTarget) => {
    setDraft((old) => ({ ...old, parameters: [...old.parameters, makeParameter(target, namesOf(old))] }))
  }, [])
  const repeatParameter = useCallback((key: string) => {
    setDraft((old) => ({
      ...old,
      parameters: old.parameters.flatMap((parameter) =>
        parameter.key === key ? [parameter, duplicateParameter(parameter, namesOf(old))] : [parameter],
      ),
    }))
  }, [])
  const removeParameter = useCallback((key: string) => {
    setDraft((old) => ({ ...old, parameters: old.parameters.filter((parameter) => parameter.key !== key) }))
  }, [])
  const discard = useCallback(() => setDraft(makeDraft()), [])

  return { draft, change, changeParameter, addParameter, repeatParameter, removeParameter, discard }
}

function namesOf(draft: StudyDraft): string[] {
  return draft.parameters.map((parameter) => parameter.name)
}
