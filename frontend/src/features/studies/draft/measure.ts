/** A measure as the service describes it, and its arguments as fields of a form. */

export type MeasureValue = {
  kind: 'number' | 'choice' | 'text'
  description: string
  unit: string | null
  minimum: number | null
  maximum: number | null
  exclusive_minimum: number | null
  exclusive_maximum: number | null
  choices: readonly string[]
  example: string | number | null
}

export type Measure = {
  name: string
  title: string
  description: string
  /** The OpenStudio measure that it follows. */
  openstudio: string | null
  value: MeasureValue
  /** JSON schema of what it is told besides. */
  arguments: unknown
}

export type Argument = {
  name: string
  title: string
  description: string
  kind: 'number' | 'choice' | 'text' | 'choices'
  choices: readonly string[]
  /** As one would type it; '' for none. */
  fallback: string
  isRequired: boolean
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
    description: asText(property.description ?? inner.description),
    kind: isList ? 'choices' : choices.length > 0 ? 'choice' : isNumber(inner) ? 'number' : 'text',
    choices,
    fallback: asText(property.default ?? inner.default),
    isRequired,
  }
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
  return typeof value === 'string' || typeof value === 'number' ? value.toString() : ''
}
