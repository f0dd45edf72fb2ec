/** A field of the model in words: what stands there now, and what may stand there. */
import type { Field } from '@/api'
import { formatNumber, formatUnit } from '@/format/numbers'

const MOST_NAMES = 3

export type FieldContent = {
  /** "0.1 – 0.3", "0.1", "Yes, No" or "" where every object is blank. */
  text: string
  blankCount: number
}

/** What the objects have in a field now. */
export function describeContent(
  index: number,
  objects: readonly { values: readonly string[] }[],
): FieldContent {
  const texts = objects.map((object) => (object.values[index] ?? '').trim())
  const filled = texts.filter((text) => text !== '')
  return { text: describeTexts([...new Set(filled)]), blankCount: texts.length - filled.length }
}

function describeTexts(texts: readonly string[]): string {
  const first = texts[0]
  if (first === undefined) return ''
  if (texts.length === 1) return shorten(first)
  const numbers = texts.map(Number)
  if (numbers.every((number) => number === numbers[0])) return shorten(first)
  if (numbers.every(Number.isFinite))
    return `${formatNumber(Math.min(...numbers))} – ${formatNumber(Math.max(...numbers))}`
  const more = texts.length - MOST_NAMES
  return texts.slice(0, MOST_NAMES).map(shorten).join(', ') + (more > 0 ? ` and ${more.toString()} more` : '')
}

function shorten(text: string): string {
  const number = Number(text)
  return Number.isFinite(number) ? formatNumber(number, 6) : text
}

type Limits = Pick<Field, 'minimum' | 'exclusive_minimum' | 'maximum' | 'exclusive_maximum' | 'choices'>

/** What the schema allows: "0 – 1", "> 0", "Yes | No", or "" for anything. */
export function describeLimits(field: Limits): string {
  if (field.choices.length > 0) return field.choices.join(' | ')
  const low = field.minimum ?? field.exclusive_minimum
  const high = field.maximum ?? field.exclusive_maximum
  const above = field.minimum === null ? '>' : '≥'
  const below = field.maximum === null ? '<' : '≤'
  if (low !== null && high !== null) {
    const isClosed = field.minimum !== null && field.maximum !== null
    const limits = [formatNumber(low), formatNumber(high)]
    return isClosed ? limits.join(' – ') : `${above} ${limits.join(`, ${below} `)}`
  }
  if (low !== null) return `${above} ${formatNumber(low)}`
  return high === null ? '' : `${below} ${formatNumber(high)}`
}

export function isNumeric(field: Pick<Field, 'type'>): boolean {
  return field.type === 'real' || field.type === 'integer'
}

/** The unit that a parameter's values have: the field's own, or none for factors. */
export function unitOfValues(change: 'set' | 'scale' | 'add', unit: string): string {
  return change === 'scale' ? '×' : formatUnit(unit)
}
