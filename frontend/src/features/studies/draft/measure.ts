/** The arguments of a measure, from the JSON schema that the service describes them by, as fields of a form. */
import type { Measure } from '@/api'

export type Argument = {
  name: string
  title: string
  description: string
  /** `names` is a list of texts, `choices` one of words to choose from. */
  kind: 'number' | 'choice' | 'text' | 'names' | 'choices'
  choices: readonly string[]
  /** As one would type it; '' for none. */
  fallback: string
  isRequired: boolean
  /** As one would type it. */
  example: string
}

type Schema = Record<string, unknown>

/** The arguments in the order in which the measure has them. */
export function listArguments(measure: Pick<Measure, 'arguments'>): Argument[] {
  const schema = asSchema(measure.arguments)
  const required = asList(schema.required)
  return Object.entries(asSchema(schema.properties)).map(([name, property]) =>
    readArgument(name, asSchema(property), asSchema(schema.$defs), required.includes(name)),
  )
}

function readArgument(name: string, property: Schema, parts: Schema, isRequired: boolean): Argument {
  const inner = unwrap(property, parts)
  const items = asSchema(inner.items)
  const isList = inner.type === 'array'
  const choices = listChoices(isList ? unwrap(items, parts) : inner)
  return {
    name,
    title: name.replaceAll('_', ' ').replace(/^./, (sign) => sign.toUpperCase()),
    description: asText(property.description ?? inner.description).replaceAll('`', ''),
    kind: kindOf(inner, isList, choices),
    choices,
    fallback: asText(property.default ?? inner.default),
    isRequired,
    example: asText(asList(property.examples)[0]),
  }
}

function kindOf(schema: Schema, isList: boolean, choices: readonly string[]): Argument['kind'] {
  if (isList) return choices.length > 0 ? 'choices' : 'names'
  if (choices.length > 0) return 'choice'
  return isNumber(schema) ? 'number' : 'text'
}

/** What a property is where it is given: behind `$ref`, and without the null of an optional one. */
function unwrap(property: Schema, parts: Schema): Schema {
  if (typeof property.$ref === 'string')
    return unwrap(asSchema(parts[property.$ref.replace(/^.*\//, '')]), parts)
  const options = asList(property.anyOf ?? property.oneOf ?? property.allOf).map(asSchema)
  const given = options.filter((option) => option.type !== 'null').map((option) => unwrap(option, parts))
  const listed = given.flatMap(listChoices)
  if (given.length > 1 && listed.length > 0 && !given.some(isNumber)) return { enum: listed }
  return given[0] ?? property
}

function listChoices(schema: Schema): string[] {
  if (schema.type === 'boolean') return ['true', 'false']
  if (schema.const !== undefined) return [asText(schema.const)]
  return asList(schema.enum).map(asText)
}

function isNumber({ type }: Schema): boolean {
  return type === 'number' || type === 'integer'
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {}
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return value.map(asText).join(', ')
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isPlain ? value.toString() : ''
}
