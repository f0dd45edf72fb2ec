/** One parameter of the draft: all texts as typed, every way to vary it kept while another one is chosen. */

export type Change = 'set' | 'scale' | 'add'

export type Spread =
  | 'values'
  | 'uniform'
  | 'loguniform'
  | 'normal'
  | 'truncated_normal'
  | 'triangular'
  | 'integer'
  | 'choice'
  | 'derived'

export type TargetDraft = {
  /** Stays the same while the target is edited; for React only. */
  key: string
  className: string
  /** Name of the field, or its position in the object, 1 for the first. */
  field: string | number
  /** Object names or globs; `*` is every object of the class. */
  objects: string[]
  /** How this target is changed where it differs from the others; '' where it does not. */
  change: Change | ''
  /** Models in which it need not match anything. */
  optionalIn: string[]
}

export type ParameterDraft = {
  /** Stays the same while the parameter is edited; for React, and for what refers to the parameter. */
  key: string
  name: string
  label: string
  /** Unit that the values are declared to have; '' leaves it to the field. */
  unit: string
  /** None where a measure takes the value. */
  targets: TargetDraft[]
  /** '' where targets take the value. */
  measure: string
  arguments: Record<string, string | string[]>
  change: Change
  spread: Spread
  /** The listed values, or those of a choice. */
  values: string[]
  /** Of a choice, beside its values; all '' where all are alike. */
  weights: string[]
  low: string
  high: string
  mode: string
  mean: string
  sd: string
  expression: string
}

/** A field of the model that somebody chose. */
export type ChosenField = { className: string; field: string | number; objects: string[]; unit: string }

/** A measure that somebody chose, with the arguments that it has no default for. */
export type ChosenMeasure = { name: string; unit: string; arguments: Record<string, string | string[]> }

const BLANK: Omit<ParameterDraft, 'key' | 'name' | 'targets'> = {
  label: '',
  unit: '',
  measure: '',
  arguments: {},
  change: 'set',
  spread: 'values',
  values: [],
  weights: [],
  low: '',
  high: '',
  mode: '',
  mean: '',
  sd: '',
  expression: '',
}

export function makeBlankParameter(): ParameterDraft {
  return { ...BLANK, key: makeKey(), name: '', targets: [] }
}

export function makeTarget(field: Pick<ChosenField, 'className' | 'field' | 'objects'>): TargetDraft {
  const { className, field: name, objects } = field
  return { key: makeKey(), className, field: name, objects, change: '', optionalIn: [] }
}

/** A new parameter on `field`, named after it and its unit, unlike any name in `taken`. */
export function makeParameter(field: ChosenField, taken: readonly string[]): ParameterDraft {
  const name = makeUnique(suggestName(String(field.field), field.unit), taken)
  return { ...makeBlankParameter(), name, targets: [makeTarget(field)] }
}

export function makeMeasureParameter(measure: ChosenMeasure, taken: readonly string[]): ParameterDraft {
  const name = makeUnique(suggestName(measure.name, measure.unit), taken)
  return { ...makeBlankParameter(), name, measure: measure.name, arguments: measure.arguments }
}

export function duplicateParameter(parameter: ParameterDraft, taken: readonly string[]): ParameterDraft {
  const targets = parameter.targets.map((target) => ({ ...target, key: makeKey() }))
  return { ...parameter, key: makeKey(), name: makeUnique(parameter.name, taken), targets }
}

/** Not `crypto.randomUUID`: that one is missing where the page is served over plain HTTP. */
export function makeKey(): string {
  return `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`
}

/** `Watts per Floor Area` in `W/m2` becomes `watts_per_floor_area_w_m2`. */
export function suggestName(field: string, unit: string): string {
  const words = `${field} ${unit === '1' ? '' : unit}`.toLowerCase().match(/[a-z0-9]+/g) ?? []
  const name = words.join('_').slice(0, 56)
  return /^[a-z]/.test(name) ? name : `p_${name}`
}

/** What people call it where it has no label: the name in words, as the service makes it. */
export function titleOf(parameter: Pick<ParameterDraft, 'name' | 'label'>): string {
  const words = parameter.name.replaceAll('_', ' ').trim()
  return parameter.label.trim() || words.charAt(0).toUpperCase() + words.slice(1)
}

function makeUnique(name: string, taken: readonly string[]): string {
  const folded = new Set(taken.map((other) => other.toLowerCase()))
  if (!folded.has(name.toLowerCase())) return name
  const stem = name.replace(/_\d+$/, '')
  let number = 2
  while (folded.has(`${stem}_${number.toString()}`.toLowerCase())) number += 1
  return `${stem}_${number.toString()}`
}
