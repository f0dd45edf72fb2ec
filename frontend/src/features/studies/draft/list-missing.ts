/** What the form can tell by itself, before the service is asked: empty fields, by the path of the study. */
import { takesSpread, type Finding } from './build-study'
import type { DesignDraft, Method, StudyDraft } from './draft'
import type { ParameterDraft } from './parameter-draft'
import { parseTable } from '@/format/parse-table'

export function listMissing(draft: StudyDraft): Finding[] {
  if (draft.text !== '') return draft.text.trim() === '' ? [{ path: '', message: 'Write the study.' }] : []
  return [
    ...listBlank('', [
      ['name', draft.name, 'Give the batch a name.'],
      ['model', draft.models, 'Choose a building model.'],
      ['weather', draft.weathers, 'Choose a weather file.'],
    ]),
    ...draft.parameters.flatMap((parameter, at) => listMissingOf(parameter, at, draft.method)),
    ...draft.linked.flatMap((group, at) =>
      group.length < 2
        ? [
            {
              path: `linked[${at.toString()}]`,
              message: 'Choose at least two parameters that move together.',
            },
          ]
        : [],
    ),
    ...draft.constraints.flatMap((constraint, at) =>
      listBlank('', [
        [`constraints[${at.toString()}]`, constraint, 'Write a comparison, or remove the line.'],
      ]),
    ),
    ...listMissingDesign(draft.method, draft.design),
    ...draft.outputs.flatMap(({ kind, name }, at) =>
      listBlank(`outputs[${at.toString()}].`, [[kind, name, `Name the ${kind}.`]]),
    ),
  ]
}

type Need = readonly [path: string, given: string | readonly string[], message: string]

function listBlank(prefix: string, needs: readonly Need[]): Finding[] {
  return needs
    .filter(([, given]) => (typeof given === 'string' ? given.trim() === '' : given.length === 0))
    .map(([path, , message]) => ({ path: `${prefix}${path}`, message }))
}

function listMissingOf(parameter: ParameterDraft, at: number, method: Method): Finding[] {
  const path = `parameters[${at.toString()}]`
  const { targets } = parameter
  return [
    ...listBlank(`${path}.`, [['name', parameter.name, 'Name the parameter.']]),
    ...targets.flatMap((target, position) =>
      listBlank(`${targetPath(path, targets.length, position)}.`, [
        ['object', target.objects, 'Choose objects, or * for all of them.'],
      ]),
    ),
    ...(takesSpread(parameter, method) ? listMissingSpread(parameter, `${path}.`) : []),
  ]
}

/** Where a target stands in the study: a single one is written without a list. */
export function targetPath(parameterPath: string, count: number, position: number): string {
  return count > 1 ? `${parameterPath}.target[${position.toString()}]` : `${parameterPath}.target`
}

function listMissingSpread(parameter: ParameterDraft, path: string): Finding[] {
  const { spread, values, expression, low, high, mode, mean, sd } = parameter
  const needs: Record<ParameterDraft['spread'], readonly (readonly string[] | string)[]> = {
    values: [values],
    choice: [values],
    derived: [expression],
    uniform: [low, high],
    loguniform: [low, high],
    integer: [low, high],
    normal: [mean, sd],
    truncated_normal: [mean, sd, low, high],
    triangular: [low, mode, high],
  }
  return listBlank(
    path,
    needs[spread].map((given) => [spread, given, NEEDED[spread]] as const),
  ).slice(0, 1)
}

const RANGE = 'Give the lowest and the highest value.'
const NEEDED: Record<ParameterDraft['spread'], string> = {
  values: 'Give at least one value.',
  choice: 'Give at least one value.',
  derived: 'Write an expression of other parameters.',
  uniform: RANGE,
  loguniform: RANGE,
  integer: RANGE,
  normal: 'Give the mean and the standard deviation.',
  truncated_normal: 'Give the mean, the standard deviation and both ends.',
  triangular: 'Give the lowest, the most likely and the highest value.',
}

const SAMPLES = 'Say how many samples.'
const SEED = 'Give a seed: any whole number.'

function listMissingDesign(method: Method, design: DesignDraft): Finding[] {
  const seed: Need = ['seed', design.seed, SEED]
  switch (method) {
    case 'grid':
    case 'one_at_a_time':
      return []
    case 'table':
      return listMissingRows(design.table)
    case 'morris':
      return listBlank('design.', [
        ['trajectories', design.trajectories, 'Say how many trajectories.'],
        ['levels', design.steps, 'Say on how many levels the trajectories walk.'],
        seed,
      ])
    case 'nsga2':
    case 'differential_evolution':
      return listMissingOptimisation(method, design)
    default:
      return listBlank('design.', [['samples', design.samples, SAMPLES], seed])
  }
}

function listMissingOptimisation(method: Method, design: DesignDraft): Finding[] {
  const isSingle = method === 'differential_evolution'
  const root = isSingle ? 'objective' : 'objectives'
  const objectives = design.objectives.flatMap(({ metric }, at) =>
    listBlank('design.', [
      [`${isSingle ? root : `${root}[${at.toString()}]`}.metric`, metric, 'Name the metric.'],
    ]),
  )
  return [
    ...(design.objectives.length === 0
      ? [
          {
            path: `design.${root}`,
            message: 'Choose what is to be made as small, or as large, as it can be.',
          },
        ]
      : objectives.slice(0, isSingle ? 1 : undefined)),
    ...listBlank('design.', [
      ...design.limits.map((limit, at): Need => [
        `limits[${at.toString()}]`,
        limit,
        'Write a comparison, or remove the line.',
      ]),
      ['population', design.population, 'Say how many cases a generation has.'],
      ['generations', design.generations, 'Say how many generations.'],
      ['seed', design.seed, SEED],
    ]),
  ]
}

function listMissingRows(text: string): Finding[] {
  const { rows, problems } = parseTable(text)
  const found = problems.map((message) => ({ path: 'design.rows', message }))
  if (found.length > 0 || rows.length > 0) return found
  const message = 'Paste or upload the rows, with the names of the parameters in the first line.'
  return [{ path: 'design.rows', message }]
}
