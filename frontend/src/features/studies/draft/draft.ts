/** The draft of a study as the form holds it: all texts as typed, nothing lost while it is incomplete. */

export type Change = 'set' | 'scale' | 'add'
export type Method = 'grid' | 'lhs' | 'table'
export type RunPeriodKind = 'annual' | 'period' | 'design_days'

export type ParameterDraft = {
  /** Stays the same while the parameter is edited; for React only. */
  key: string
  name: string
  className: string
  field: string
  /** Object names or globs; `*` is every object of the class. */
  objects: string[]
  /** Unit of the field, shown beside numbers; never sent. */
  unit: string
  change: Change
  spread: 'values' | 'uniform'
  values: string[]
  low: string
  high: string
}

export type StudyDraft = {
  name: string
  models: string[]
  weathers: string[]
  runPeriod: RunPeriodKind
  /** MM-DD */
  start: string
  end: string
  baseline: boolean
  parameters: ParameterDraft[]
  method: Method
  samples: string
  seed: string
  /** Rows of a table design as CSV text. */
  table: string
}

export function makeDraft(): StudyDraft {
  return {
    name: '',
    models: [],
    weathers: [],
    runPeriod: 'annual',
    start: '01-01',
    end: '01-31',
    baseline: false,
    parameters: [],
    method: 'grid',
    samples: '32',
    seed: '1',
    table: '',
  }
}

export type ParameterTarget = Pick<ParameterDraft, 'className' | 'field' | 'objects' | 'unit'>

/** A new parameter on `target`, named after its field and unit, unlike any name in `taken`. */
export function makeParameter(target: ParameterTarget, taken: readonly string[]): ParameterDraft {
  return {
    ...target,
    key: makeKey(),
    name: makeUnique(suggestName(target.field, target.unit), taken),
    change: 'set',
    spread: 'values',
    values: [],
    low: '',
    high: '',
  }
}

export function duplicateParameter(parameter: ParameterDraft, taken: readonly string[]): ParameterDraft {
  return { ...parameter, key: makeKey(), name: makeUnique(parameter.name, taken) }
}

/** Not `crypto.randomUUID`: that one is missing where the page is served over plain HTTP. */
function makeKey(): string {
  return `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`
}

/** `Watts per Floor Area` in `W/m2` becomes `watts_per_floor_area_w_m2`. */
export function suggestName(field: string, unit: string): string {
  const words = `${field} ${unit}`.toLowerCase().match(/[a-z0-9]+/g) ?? []
  const name = words.join('_').slice(0, 56)
  return /^[a-z]/.test(name) ? name : `p_${name}`
}

function makeUnique(name: string, taken: readonly string[]): string {
  const folded = new Set(taken.map((other) => other.toLowerCase()))
  if (!folded.has(name.toLowerCase())) return name
  const stem = name.replace(/_\d+$/, '')
  let number = 2
  while (folded.has(`${stem}_${number.toString()}`.toLowerCase())) number += 1
  return `${stem}_${number.toString()}`
}
