/** From the draft in the form to the study that is sent. */
import type { Parameter, StudyRequest, Target } from '@/api'

import type { DesignDraft, Method, OutputDraft, StudyDraft } from './draft'
import type { ParameterDraft, TargetDraft } from './parameter-draft'
import { parseTable } from '@/format/parse-table'
import { parseValue } from '@/format/parse-value'

/** The study as it is sent; the service's own schema is at /api/study-schema/. */
export type Study = StudyRequest
export type Design = NonNullable<Study['design']>

/** What is sent: the study of the form, or the YAML text that stands in its place. */
export type StudyDocument = Study | string

export type Finding = { path: string; message: string }

export function buildDocument(draft: StudyDraft): StudyDocument {
  return draft.text === '' ? buildStudy(draft) : draft.text
}

export function buildStudy(draft: StudyDraft): Study {
  const { constraints } = draft
  const linked = buildLinked(draft)
  return {
    name: draft.name.trim(),
    model: unwrap(draft.models),
    weather: unwrap(draft.weathers),
    run_period: draft.runPeriod === 'period' ? { start: draft.start, end: draft.end } : draft.runPeriod,
    ...(draft.baseline && { baseline: true }),
    parameters: draft.parameters.map((parameter) => buildParameter(parameter, draft.method)),
    ...(linked.length > 0 && { linked }),
    ...(constraints.length > 0 && { constraints: constraints.map((constraint) => constraint.trim()) }),
    design: buildDesign(draft.method, draft.design),
    ...(draft.outputs.length > 0 && { outputs: draft.outputs.map(buildOutput) }),
    ...(draft.keepFull && { keep: 'full' as const }),
    ...(draft.priority !== 'normal' && { priority: draft.priority }),
  }
}

function unwrap(names: readonly string[]): string | string[] {
  const [only] = names
  return only !== undefined && names.length === 1 ? only : [...names]
}

function buildLinked({ linked, parameters }: StudyDraft): string[][] {
  const names = new Map(parameters.map(({ key, name }) => [key, name.trim()]))
  return linked.map((group) => group.flatMap((key) => names.get(key) ?? []))
}

function buildParameter(parameter: ParameterDraft, method: Method): Parameter {
  const { targets } = parameter
  const [only] = targets
  return {
    name: parameter.name.trim(),
    ...(parameter.label.trim() !== '' && { label: parameter.label.trim() }),
    ...(parameter.measure === ''
      ? { target: only !== undefined && targets.length === 1 ? buildTarget(only) : targets.map(buildTarget) }
      : buildMeasure(parameter)),
    ...(parameter.measure === '' && { change: parameter.change }),
    ...(parameter.unit.trim() !== '' && { unit: parameter.unit.trim() }),
    ...(takesSpread(parameter, method) && buildSpread(parameter)),
  }
}

function buildTarget(target: TargetDraft): Target {
  return {
    class: target.className,
    object: unwrap(target.objects),
    field: target.field,
    ...(target.change !== '' && { change: target.change }),
    ...(target.optionalIn.length > 0 && { optional_in: unwrap(target.optionalIn) }),
  }
}

function buildMeasure({
  measure,
  arguments: given,
}: ParameterDraft): Pick<Parameter, 'measure' | 'arguments'> {
  const filled = Object.entries(given).filter(([, value]) => value.length > 0)
  if (filled.length === 0) return { measure }
  const typed = filled.map(([name, value]) => [
    name,
    typeof value === 'string' ? parseArgument(value) : value.map(parseValue),
  ])
  return { measure, arguments: Object.fromEntries(typed) as NonNullable<Parameter['arguments']> }
}

/** Arguments may be true or false, which no other value of a study is. */
function parseArgument(text: string): string | number | boolean {
  return text === 'true' || text === 'false' ? text === 'true' : parseValue(text)
}

/** The rows of a table give every value but those that follow from others. */
export function takesSpread({ spread }: Pick<ParameterDraft, 'spread'>, method: Method): boolean {
  return method !== 'table' || spread === 'derived'
}

function buildSpread(parameter: ParameterDraft): Partial<Parameter> {
  const number = (key: 'low' | 'high' | 'mode' | 'mean' | 'sd') => readNumber(parameter[key])
  const range: [number, number] = [number('low'), number('high')]
  const [low, high] = range
  switch (parameter.spread) {
    case 'values':
      return { values: parameter.values.map(parseValue) }
    case 'choice':
      return { choice: parameter.values.map(parseValue), ...buildWeights(parameter) }
    case 'derived':
      return { derived: parameter.expression.trim() }
    case 'normal':
      return { normal: { mean: number('mean'), sd: number('sd') } }
    case 'truncated_normal':
      return { truncated_normal: { mean: number('mean'), sd: number('sd'), low, high } }
    case 'triangular':
      return { triangular: { low, mode: number('mode'), high } }
    default:
      return { [parameter.spread]: range }
  }
}

function buildWeights({ values, weights }: ParameterDraft): Pick<Parameter, 'weights'> {
  const given = values.map((_value, at) => weights[at] ?? '')
  return given.every((weight) => weight.trim() === '') ? {} : { weights: given.map(readNumber) }
}

/** What is no number goes out as it was typed: the service says best what is wrong with it. */
function readNumber(text: string): number {
  return parseValue(text) as number
}

function readOptional<K extends string>(key: K, text: string): Partial<Record<K, number>> {
  return text.trim() === '' ? {} : ({ [key]: readNumber(text) } as Record<K, number>)
}

function buildDesign(method: Method, design: DesignDraft): Design {
  const seed = readNumber(design.seed)
  const samples = readNumber(design.samples)
  switch (method) {
    case 'grid':
    case 'one_at_a_time':
      return { method, ...readOptional('levels', design.levels) }
    case 'lhs':
      return {
        method,
        samples,
        seed,
        ...(design.centred && { centred: true }),
        ...(design.maximin && { optimise: 'maximin' as const }),
      }
    case 'morris':
      return { method, trajectories: readNumber(design.trajectories), levels: readNumber(design.steps), seed }
    case 'saltelli':
      return { method, samples, ...(design.secondOrder && { second_order: true }), seed }
    case 'table':
      return { method, rows: parseTable(design.table).rows }
    case 'nsga2':
    case 'differential_evolution':
      return buildOptimisation(method, design)
    default:
      return { method, samples, seed }
  }
}

function buildOptimisation(method: 'nsga2' | 'differential_evolution', design: DesignDraft): Design {
  const objectives = design.objectives.map(({ metric, goal }) => ({ metric: metric.trim(), goal }))
  const rest = {
    ...(design.limits.length > 0 && { limits: design.limits.map((limit) => limit.trim()) }),
    population: readNumber(design.population),
    generations: readNumber(design.generations),
    seed: readNumber(design.seed),
  }
  if (method === 'nsga2') return { method, objectives, ...rest }
  return { method, objective: objectives[0] ?? { metric: '', goal: 'minimise' }, ...rest }
}

function buildOutput({ kind, name, of, frequency }: OutputDraft): NonNullable<Study['outputs']>[number] {
  const output = kind === 'meter' ? { meter: name.trim() } : { variable: name.trim() }
  return {
    ...output,
    ...(kind === 'variable' && of.trim() !== '' && { key: of.trim() }),
    frequency: frequency as NonNullable<Study['outputs']>[number]['frequency'],
  }
}
