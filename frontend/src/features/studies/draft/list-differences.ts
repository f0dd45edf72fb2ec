/** Where two studies do not say the same: what stands at its default may be left out of either. */

type Part = Record<string, unknown>

/** What the study language takes where nothing is written, by path with `#` for any position. */
const DEFAULTS: Record<string, unknown> = {
  engine: 'energyplus',
  run_period: 'annual',
  baseline: false,
  parameters: [],
  design: { method: 'grid' },
  linked: [],
  constraints: [],
  outputs: [],
  keep: 'metrics',
  priority: 'normal',
  'parameters#.change': 'set',
  'parameters#.arguments': {},
  'design.seed': 0,
  'design.centred': false,
  'design.second_order': false,
  'design.population': 24,
  'design.limits': [],
  'design.objective.goal': 'minimise',
  'design.objectives#.goal': 'minimise',
}
const MORRIS_LEVELS = 4

/** Paths of the differences, each at the highest level at which something is missing or other. */
export function listDifferences(one: unknown, other: unknown): string[] {
  return compare(settle(one), settle(other), '')
}

/** A blank says as much as nothing. */
function settle(value: unknown): unknown {
  return value === null ? undefined : value
}

function compare(one: unknown, other: unknown, path: string): string[] {
  if (isSame(one, other)) return []
  if (Array.isArray(one) && Array.isArray(other) && one.length === other.length)
    return one.flatMap((entry, at) => compare(entry, other[at], `${path}[${at.toString()}]`))
  if (isPart(one) && isPart(other)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])]
    return keys.flatMap((key) => {
      const below = path === '' ? key : `${path}.${key}`
      const fallback = defaultAt(below, one)
      return compare(settle(one[key]) ?? fallback, settle(other[key]) ?? fallback, below)
    })
  }
  return [path]
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true
  const [first, second] = [unwrap(one), unwrap(other)]
  return typeof first === 'string' ? first.trim() === second : first === second && first !== undefined
}

/** `chicago` for `[chicago]`; undefined for what is no single name or number. */
function unwrap(value: unknown): unknown {
  const only: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value
  return typeof only === 'string' || typeof only === 'number' || typeof only === 'boolean' ? only : undefined
}

function defaultAt(path: string, parent: Part): unknown {
  if (path === 'design.levels' && parent.method === 'morris') return MORRIS_LEVELS
  return DEFAULTS[path.replace(/\[\d+\]/g, '#')]
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
