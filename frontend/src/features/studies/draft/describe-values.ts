/** What the values of a parameter mean: those of a field of the model, or those of a measure. */
import type { Field, Measure } from '@/api'
import { formatNumber, formatUnit } from '@/format/numbers'

import { describeLimits, isNumeric, unitOfValues } from './describe-field'
import type { ParameterDraft } from './parameter-draft'

export type ValueMeaning = {
  /** As people read it; '' for none. */
  unit: string
  isNumber: boolean
  choices: readonly string[]
  /** "allowed 0 – 1", or '' where anything is. */
  allowed: string
}

export const ANYTHING: ValueMeaning = { unit: '', isNumber: true, choices: [], allowed: '' }

/** Of a parameter that writes to a field; undefined while the model is read, or where it has no such field. */
export function meaningOfField(parameter: ParameterDraft, field: Field | undefined): ValueMeaning {
  const unit = unitOfValues(parameter.change, parameter.unit === '' ? (field?.units ?? '') : parameter.unit)
  if (field === undefined) return { ...ANYTHING, unit }
  const limits = field.choices.length > 0 ? '' : describeLimits(field)
  const word = parameter.change === 'set' ? 'allowed' : 'allowed after the change'
  return {
    unit,
    isNumber: isNumeric(field),
    choices: field.choices,
    allowed: limits === '' ? '' : `${word} ${limits}`,
  }
}

export function meaningOfMeasure(measure: Measure | undefined, choices: readonly string[]): ValueMeaning {
  if (measure === undefined) return ANYTHING
  const { value } = measure
  const limits = describeLimits({ ...value, choices: [] })
  return {
    unit: formatUnit(value.unit),
    isNumber: value.kind === 'number',
    choices: choices.length > 0 ? choices : value.choices,
    allowed: [
      value.description.replace(/\.$/, '').replaceAll('`', ''),
      limits === '' ? '' : `allowed ${limits}`,
      formatExample(value.example),
    ]
      .filter((part) => part !== '')
      .join(' · '),
  }
}

function formatExample(example: unknown): string {
  const isPlain = typeof example === 'number' || typeof example === 'string'
  return isPlain ? `such as ${typeof example === 'number' ? formatNumber(example) : example}` : ''
}

/** The field that a target means, by name in any case or by position. */
export function findField(fields: readonly Field[] | undefined, name: string | number): Field | undefined {
  if (typeof name === 'number') return fields?.find(({ index }) => index === name - 1)
  const wanted = name.trim().toLowerCase()
  return fields?.find((field) => field.name.toLowerCase() === wanted || field.key === wanted)
}
