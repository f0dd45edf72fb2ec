/** From a study, as YAML or the service has it, to a draft; and which parts of it the form cannot show. */
import { buildStudy } from './build-study'
import {
  makeDesign,
  makeDraft,
  PRIORITIES,
  type DesignDraft,
  type Method,
  type OutputDraft,
  type StudyDraft,
} from './draft'
import { listDifferences } from './list-differences'
import {
  makeBlankParameter,
  makeKey,
  type ParameterDraft,
  type Spread,
  type TargetDraft,
} from './parameter-draft'
import { writeTable } from '@/format/parse-table'

export type ReadStudy = {
  draft: StudyDraft
  /** Paths of what would be lost or changed if the draft took the study's place. */
  unshown: string[]
}

type Part = Record<string, unknown>

/** Reads what it can; the proof is that the draft's own study says the same again. */
export function readStudy(document: unknown): ReadStudy {
  const study = asPart(document)
  const draft = makeDraftOf(study)
  return { draft, unshown: listDifferences(study, buildStudy(draft)) }
}

function makeDraftOf(study: Part): StudyDraft {
  const parameters = asList(study.parameters).map((parameter) => readParameter(asPart(parameter)))
  const keys = new Map(parameters.map(({ name, key }) => [name, key]))
  const design = asPart(study.design ?? { method: 'grid' })
  return {
    ...makeDraft(),
    name: asText(study.name),
    models: asNames(study.model),
    weathers: asNames(study.weather),
    ...readRunPeriod(study.run_period),
    baseline: study.baseline === true,
    parameters,
    linked: asList(study.linked).map((group) =>
      asList(group).flatMap((name) => keys.get(asText(name)) ?? []),
    ),
    constraints: asList(study.constraints).map(asText),
    method: (METHODS as readonly unknown[]).includes(design.method) ? (design.method as Method) : 'grid',
    design: readDesign(design),
    outputs: asList(study.outputs).map((output) => readOutput(asPart(output))),
    keepFull: study.keep === 'full',
    priority: PRIORITIES.find((priority) => priority === study.priority) ?? 'normal',
  }
}

const METHODS: readonly Method[] = [
  'grid',
  'one_at_a_time',
  'lhs',
  'sobol',
  'halton',
  'random',
  'morris',
  'saltelli',
  'table',
  'nsga2',
  'differential_evolution',
]

function readRunPeriod(period: unknown): Pick<StudyDraft, 'runPeriod' | 'start' | 'end'> {
  const { start, end } = makeDraft()
  if (period === 'design_days') return { runPeriod: 'design_days', start, end }
  if (typeof period !== 'object' || period === null) return { runPeriod: 'annual', start, end }
  const part = asPart(period)
  return { runPeriod: 'period', start: asText(part.start), end: asText(part.end) }
}

function readParameter(parameter: Part): ParameterDraft {
  const { target } = parameter
  return {
    ...makeBlankParameter(),
    name: asText(parameter.name),
    label: asText(parameter.label),
    unit: asText(parameter.unit),
    targets: target === undefined ? [] : [target].flat().map((each) => readTarget(asPart(each))),
    measure: asText(parameter.measure),
    arguments: readArguments(asPart(parameter.arguments)),
    ...(parameter.change === 'scale' || parameter.change === 'add' ? { change: parameter.change } : {}),
    ...readSpread(parameter),
  }
}

function readTarget(target: Part): TargetDraft {
  const { change } = target
  return {
    key: makeKey(),
    className: asText(target.class),
    field: typeof target.field === 'number' ? target.field : asText(target.field),
    objects: asNames(target.object),
    change: change === 'set' || change === 'scale' || change === 'add' ? change : '',
    optionalIn: asNames(target.optional_in),
  }
}

function readArguments(given: Part): ParameterDraft['arguments'] {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(asText) : typeof value === 'boolean' ? String(value) : asText(value),
    ]),
  )
}

const SPREADS: readonly Spread[] = [
  'values',
  'uniform',
  'loguniform',
  'normal',
  'truncated_normal',
  'triangular',
  'integer',
  'choice',
  'derived',
]

function readSpread(parameter: Part): Partial<ParameterDraft> {
  const spread = SPREADS.find((key) => parameter[key] !== undefined)
  if (spread === undefined) return {}
  const given = parameter[spread]
  if (spread === 'derived') return { spread, expression: asText(given) }
  if (spread === 'values') return { spread, values: asList(given).map(asText) }
  if (spread === 'choice') {
    return { spread, values: asList(given).map(asText), weights: asList(parameter.weights).map(asText) }
  }
  if (Array.isArray(given)) return { spread, low: asText(given[0]), high: asText(given[1]) }
  const { low, high, mode, mean, sd } = asPart(given)
  return {
    spread,
    low: asText(low),
    high: asText(high),
    mode: asText(mode),
    mean: asText(mean),
    sd: asText(sd),
  }
}

/** What the document leaves out is blank where the service has no default for it, and the default where it has. */
function readDesign(design: Part): DesignDraft {
  const known = makeDesign()
  const text = (value: unknown, fallback: string) => (value === undefined ? fallback : asText(value))
  const objectives = design.objective === undefined ? asList(design.objectives) : [design.objective]
  const isMorris = design.method === 'morris'
  return {
    ...known,
    levels: isMorris ? '' : asText(design.levels),
    steps: isMorris ? text(design.levels, known.steps) : known.steps,
    samples: text(design.samples, known.samples),
    seed: text(design.seed, design.method === undefined ? known.seed : '0'),
    centred: design.centred === true,
    maximin: design.optimise === 'maximin',
    trajectories: text(design.trajectories, known.trajectories),
    secondOrder: design.second_order === true,
    table: writeTable(asList(design.rows).map(asPart)),
    population: text(design.population, known.population),
    generations: text(design.generations, known.generations),
    objectives: objectives.map(asPart).map(({ metric, goal }) => ({
      key: makeKey(),
      metric: asText(metric),
      goal: goal === 'maximise' ? 'maximise' : 'minimise',
    })),
    limits: asList(design.limits).map(asText),
  }
}

function readOutput({ meter, variable, key, frequency }: Part): OutputDraft {
  const kind = meter === undefined ? 'variable' : 'meter'
  return {
    key: makeKey(),
    kind,
    name: asText(kind === 'meter' ? meter : variable),
    of: asText(key),
    frequency: asText(frequency),
  }
}

function asPart(value: unknown): Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Part) : {}
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function asNames(value: unknown): string[] {
  return typeof value === 'string' ? [value] : asList(value).map(asText)
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? value.toString() : ''
}
