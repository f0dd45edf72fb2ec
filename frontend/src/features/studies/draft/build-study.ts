/** From the draft in the form to the study that is sent; and what is still missing before it makes sense to ask. */
import type { Parameter, StudyRequest } from '@/api'

import type { ParameterDraft, StudyDraft } from './draft'
import { parseTable } from './parse-table'
import { parseValue } from './parse-value'

/** The study as it is sent; the service's own schema is at /api/study-schema/. */
export type Study = StudyRequest

export type Finding = { path: string; message: string }

export function buildStudy(draft: StudyDraft): Study {
  return {
    name: draft.name.trim(),
    model: unwrap(draft.models),
    weather: unwrap(draft.weathers),
    run_period: draft.runPeriod === 'period' ? { start: draft.start, end: draft.end } : draft.runPeriod,
    ...(draft.baseline && { baseline: true }),
    parameters: draft.parameters.map((parameter) => buildParameter(parameter, draft)),
    design: buildDesign(draft),
  }
}

function unwrap(names: readonly string[]): string | string[] {
  const [only] = names
  return only !== undefined && names.length === 1 ? only : [...names]
}

function buildParameter(parameter: ParameterDraft, { method }: StudyDraft): Parameter {
  return {
    name: parameter.name.trim(),
    target: { class: parameter.className, object: unwrap(parameter.objects), field: parameter.field },
    change: parameter.change,
    ...(method !== 'table' && buildSpread(parameter, method)),
  }
}

function buildSpread(
  parameter: ParameterDraft,
  method: 'grid' | 'lhs',
): Pick<Parameter, 'values' | 'uniform'> {
  return usesRange(parameter, method)
    ? { uniform: [readNumber(parameter.low), readNumber(parameter.high)] }
    : { values: parameter.values.map(parseValue) }
}

/** What is no number goes out as it was typed: the service says best what is wrong with it. */
function readNumber(text: string): number {
  return parseValue(text) as number
}

function usesRange(parameter: ParameterDraft, method: StudyDraft['method']): boolean {
  return method === 'lhs' && parameter.spread === 'uniform'
}

function buildDesign(draft: StudyDraft): NonNullable<Study['design']> {
  if (draft.method === 'lhs')
    return { method: 'lhs', samples: readNumber(draft.samples), seed: readNumber(draft.seed) }
  if (draft.method === 'table') return { method: 'table', rows: parseTable(draft.table).rows }
  return { method: 'grid' }
}

/** What the form can tell by itself, before the service is asked: empty fields, by the path of the study. */
export function listMissing(draft: StudyDraft): Finding[] {
  const missing: Finding[] = []
  if (draft.name.trim() === '') missing.push({ path: 'name', message: 'Give the batch a name.' })
  if (draft.models.length === 0) missing.push({ path: 'model', message: 'Choose a building model.' })
  if (draft.weathers.length === 0) missing.push({ path: 'weather', message: 'Choose a weather file.' })
  draft.parameters.forEach((parameter, index) => missing.push(...listMissingOf(parameter, index, draft)))
  if (draft.method === 'lhs') missing.push(...listMissingNumbers(draft))
  if (draft.method === 'table') missing.push(...listMissingRows(draft.table))
  return missing
}

function listMissingOf(parameter: ParameterDraft, index: number, { method }: StudyDraft): Finding[] {
  const path = `parameters[${index.toString()}]`
  const missing: Finding[] = []
  if (parameter.name.trim() === '') missing.push({ path: `${path}.name`, message: 'Name the parameter.' })
  if (parameter.objects.length === 0)
    missing.push({ path: `${path}.target.object`, message: 'Choose objects, or * for all of them.' })
  if (method === 'table') return missing
  if (usesRange(parameter, method)) {
    if (parameter.low === '' || parameter.high === '')
      missing.push({ path: `${path}.uniform`, message: 'Give the lowest and the highest value.' })
  } else if (parameter.values.length === 0) {
    missing.push({ path: `${path}.values`, message: 'Give at least one value.' })
  }
  return missing
}

function listMissingNumbers({ samples, seed }: StudyDraft): Finding[] {
  const missing: Finding[] = []
  if (samples.trim() === '') missing.push({ path: 'design.samples', message: 'Say how many samples.' })
  if (seed.trim() === '') missing.push({ path: 'design.seed', message: 'Give a seed: any whole number.' })
  return missing
}

function listMissingRows(text: string): Finding[] {
  const { rows, problems } = parseTable(text)
  const found = problems.map((message) => ({ path: 'design.rows', message }))
  return found.length === 0 && rows.length === 0
    ? [
        {
          path: 'design.rows',
          message: 'Paste the rows, with the names of the parameters in the first line.',
        },
      ]
    : found
}
