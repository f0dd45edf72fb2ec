/** The draft of a study as the form holds it: all texts as typed, nothing lost while it is incomplete. */
import type { ParameterDraft } from './parameter-draft'

export type Method =
  | 'grid'
  | 'one_at_a_time'
  | 'lhs'
  | 'sobol'
  | 'halton'
  | 'random'
  | 'morris'
  | 'saltelli'
  | 'table'
  | 'nsga2'
  | 'differential_evolution'

export const PRIORITIES = ['low', 'normal', 'high'] as const
export type Priority = (typeof PRIORITIES)[number]
export type RunPeriodKind = 'annual' | 'period' | 'design_days'

export type Goal = 'minimise' | 'maximise'
export type ObjectiveDraft = { key: string; metric: string; goal: Goal }

export type Frequency = 'timestep' | 'hourly' | 'daily' | 'monthly' | 'run_period'
export type OutputDraft = {
  key: string
  kind: 'meter' | 'variable'
  name: string
  /** Whose variable; '' is everyone's. */
  of: string
  frequency: string
}

/** What the designs are told; each uses some of it, and what another design was told is kept. */
export type DesignDraft = {
  /** Values that a continuous range is divided into, of a grid and of one at a time; '' for none. */
  levels: string
  samples: string
  seed: string
  centred: boolean
  maximin: boolean
  trajectories: string
  /** Levels that the trajectories walk on. */
  steps: string
  secondOrder: boolean
  /** Rows of a table design as CSV text. */
  table: string
  population: string
  generations: string
  objectives: ObjectiveDraft[]
  limits: string[]
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
  /** Groups of parameters that move together, by their keys. */
  linked: string[][]
  constraints: string[]
  method: Method
  design: DesignDraft
  outputs: OutputDraft[]
  keepFull: boolean
  priority: Priority
  /** The study as YAML text, in place of everything above; '' where the form holds it. */
  text: string
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
    linked: [],
    constraints: [],
    method: 'grid',
    design: makeDesign(),
    outputs: [],
    keepFull: false,
    priority: 'normal',
    text: '',
  }
}

export function makeDesign(): DesignDraft {
  return {
    levels: '',
    samples: '32',
    seed: '1',
    centred: false,
    maximin: false,
    trajectories: '10',
    steps: '4',
    secondOrder: false,
    table: '',
    population: '24',
    generations: '10',
    objectives: [],
    limits: [],
  }
}
