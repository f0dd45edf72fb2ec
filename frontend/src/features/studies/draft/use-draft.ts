import { useCallback, useEffect, useMemo, useState, type Dispatch, type SetStateAction } from 'react'

import { makeDraft, type DesignDraft, type StudyDraft } from './draft'
import { loadDraft, storeDraft } from './draft-storage'
import {
  duplicateParameter,
  makeMeasureParameter,
  makeParameter,
  makeTarget,
  type ChosenField,
  type ChosenMeasure,
  type ParameterDraft,
  type TargetDraft,
} from './parameter-draft'

export type DraftEditor = ReturnType<typeof useDraft>

/** The draft, every way to change it, and its copy in the browser's storage. */
export function useDraft() {
  const [draft, setDraft] = useState<StudyDraft>(loadDraft)
  useEffect(() => {
    storeDraft(draft)
  }, [draft])

  const change = useCallback((part: Partial<StudyDraft>) => setDraft((old) => ({ ...old, ...part })), [])
  const changeDesign = useCallback(
    (part: Partial<DesignDraft>) => setDraft((old) => ({ ...old, design: { ...old.design, ...part } })),
    [],
  )
  const parameters = useMemo(() => editParameters(setDraft), [])
  /** Empties the form, or puts another study in its place. */
  const replace = useCallback((next: StudyDraft = makeDraft()) => setDraft(next), [])
  return { draft, change, changeDesign, replace, ...parameters }
}

/** Every way to change the parameters of a draft. */
function editParameters(setDraft: Dispatch<SetStateAction<StudyDraft>>) {
  const edit = (change: (parameters: ParameterDraft[]) => ParameterDraft[]) =>
    setDraft((old) => ({ ...old, parameters: change(old.parameters) }))
  const editOne = (key: string, change: (parameter: ParameterDraft) => ParameterDraft) =>
    edit((all) => all.map((parameter) => (parameter.key === key ? change(parameter) : parameter)))
  return {
    addParameter: (field: ChosenField) => edit((all) => [...all, makeParameter(field, namesOf(all))]),
    addMeasure: (measure: ChosenMeasure) =>
      edit((all) => [...all, makeMeasureParameter(measure, namesOf(all))]),
    changeParameter: (key: string, part: Partial<ParameterDraft>) =>
      editOne(key, (parameter) => ({ ...parameter, ...part })),
    repeatParameter: (key: string) =>
      edit((all) =>
        all.flatMap((parameter) =>
          parameter.key === key ? [parameter, duplicateParameter(parameter, namesOf(all))] : [parameter],
        ),
      ),
    removeParameter: (key: string) =>
      setDraft((old) => ({
        ...old,
        parameters: old.parameters.filter((parameter) => parameter.key !== key),
        linked: old.linked.map((group) => group.filter((member) => member !== key)),
      })),
    addTarget: (key: string, field: ChosenField) =>
      editOne(key, (parameter) => ({ ...parameter, targets: [...parameter.targets, makeTarget(field)] })),
    changeTarget: (key: string, targetKey: string, part: Partial<TargetDraft>) =>
      editOne(key, (parameter) => ({
        ...parameter,
        targets: parameter.targets.map((target) =>
          target.key === targetKey ? { ...target, ...part } : target,
        ),
      })),
    removeTarget: (key: string, targetKey: string) =>
      editOne(key, (parameter) => ({
        ...parameter,
        targets: parameter.targets.filter((target) => target.key !== targetKey),
      })),
  }
}

function namesOf(parameters: readonly ParameterDraft[]): string[] {
  return parameters.map((parameter) => parameter.name)
}
