/** Brings what the service found (`parameters[1].target.object`) to the control of the form that caused it. */

const PARAMETER_CONTROLS = [
  '',
  '.name',
  '.label',
  '.unit',
  '.target',
  '.target.object',
  '.target.change',
  '.target.optional_in',
  '.target#',
  '.target#.object',
  '.target#.change',
  '.target#.optional_in',
  '.measure',
  '.arguments',
  '.change',
  '.values',
  '.uniform',
  '.loguniform',
  '.integer',
  '.normal',
  '.truncated_normal',
  '.triangular',
  '.choice',
  '.weights',
  '.derived',
]

const DESIGN_CONTROLS = [
  '',
  '.levels',
  '.samples',
  '.seed',
  '.centred',
  '.optimise',
  '.trajectories',
  '.second_order',
  '.rows',
  '.population',
  '.generations',
  '.objectives',
  '.objectives#',
  '.limits',
  '.limits#',
]

/** Paths of the form's controls; `#` stands for any position in a list. */
const CONTROLS = new Set([
  'name',
  'model',
  'weather',
  'run_period',
  'run_period.start',
  'run_period.end',
  'baseline',
  'linked',
  'linked#',
  'constraints',
  'constraints#',
  'outputs',
  'outputs#',
  'keep',
  'priority',
  ...PARAMETER_CONTROLS.map((part) => `parameters#${part}`),
  ...DESIGN_CONTROLS.map((part) => `design${part}`),
])

/** An argument of a measure has a control of its name. */
const ARGUMENT = /^parameters#\.arguments\.\w+$/

/** These parts of a study have no control of their own: the control shown instead. */
const STANDS_FOR: Record<string, string> = {
  'parameters#.target.class': 'parameters#.target',
  'parameters#.target.field': 'parameters#.target',
  'parameters#.target#.class': 'parameters#.target#',
  'parameters#.target#.field': 'parameters#.target#',
  'design.method': 'design',
}

export type PlacedFindings<F> = {
  /** Path of a control → what was found there. */
  byControl: ReadonlyMap<string, F[]>
  /** What belongs to no control. */
  elsewhere: F[]
}

/** The control for a path: the path itself or its nearest parent that has a control; undefined if none has. */
export function findControl(path: string): string | undefined {
  // differential evolution has one objective, which stands where the first of several does
  const written = path.replace(/^design\.objective(?=$|\.)/, 'design.objectives[0]')
  for (let part = written; part !== ''; part = cutLast(part)) {
    const pattern = part.replace(/\[\d+\]/g, '#')
    const isControl = CONTROLS.has(pattern) || ARGUMENT.test(pattern)
    const control = isControl ? pattern : STANDS_FOR[pattern]
    if (control !== undefined) return fillPositions(control, part)
  }
  return undefined
}

export function placeFindings<F extends { path: string }>(findings: readonly F[]): PlacedFindings<F> {
  const byControl = new Map<string, F[]>()
  const elsewhere: F[] = []
  for (const finding of findings) {
    const control = findControl(finding.path)
    if (control === undefined) elsewhere.push(finding)
    else byControl.set(control, [...(byControl.get(control) ?? []), finding])
  }
  return { byControl, elsewhere }
}

/** `parameters[1].values[2]` → `parameters[1].values` → `parameters[1]` → `parameters` → ``. */
function cutLast(path: string): string {
  return path.replace(/(\.?[^.[\]]+|\[\d+\])$/, '')
}

function fillPositions(pattern: string, path: string): string {
  const positions = path.match(/\[\d+\]/g) ?? []
  let next = 0
  return pattern.replace(/#/g, () => positions[next++] ?? '')
}
