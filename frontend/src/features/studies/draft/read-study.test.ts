import { buildStudy } from './build-study'
import { listDifferences } from './list-differences'
import { openStudy } from './study-text'

const WHOLE = `
name: Everything
model: [warehouse, small_office]
weather: [chicago, miami]
run_period: {start: 01-01, end: 01-07}
baseline: true
parameters:
  - name: roof
    label: Roof insulation
    unit: m
    target:
      - {class: Material, object: "Roof*", field: Thickness}
      - {class: Material, object: [Deck, Slab], field: 3, change: scale, optional_in: small_office}
    values: [0.05, 0.1]
  - {name: wall, target: {class: Material, object: "*", field: Thickness}, change: add, values: [1, 2]}
  - {name: wwr, measure: window_to_wall_ratio, arguments: {facade: south}, uniform: [0.2, 0.6]}
  - {name: a, target: {class: Lights, object: "*", field: x}, normal: {mean: 1, sd: 0.1}}
  - {name: b, target: {class: Lights, object: "*", field: x}, truncated_normal: {mean: 1, sd: 0.1, low: 0, high: 2}}
  - {name: c, target: {class: Lights, object: "*", field: x}, triangular: {low: 0, mode: 1, high: 2}}
  - {name: d, target: {class: Lights, object: "*", field: x}, integer: [1, 9]}
  - {name: e, target: {class: Lights, object: "*", field: x}, choice: [Gas, Oil], weights: [1, 3]}
  - {name: f, target: {class: Lights, object: "*", field: x}, loguniform: [1e-3, 1]}
  - {name: g, target: {class: Lights, object: "*", field: x}, derived: 2 * a}
linked: [[roof, wall]]
constraints: ["roof + 0.5 * wall <= 2"]
design: {method: lhs, samples: 128, seed: 7, centred: true, optimise: maximin}
outputs:
  - {meter: "Electricity:Facility", frequency: hourly}
  - {variable: Zone Mean Air Temperature, key: Office, frequency: monthly}
keep: full
`

function open(text: string) {
  const opened = openStudy(text)
  if ('error' in opened) throw new Error(opened.error)
  return opened
}

const HEAD = 'name: x\nmodel: m\nweather: w\n'

describe('a study opened from text', () => {
  it('is in the form as a whole, and comes out of it as it was', () => {
    const { draft, unshown } = open(WHOLE)
    expect(unshown).toEqual([])
    const study = buildStudy(draft)
    expect(study.linked).toEqual([['roof', 'wall']])
    expect(study.parameters?.[0]).toMatchObject({ label: 'Roof insulation', unit: 'm' })
    expect(study.outputs).toHaveLength(2)
    expect(study.design).toEqual({
      method: 'lhs',
      samples: 128,
      seed: 7,
      centred: true,
      optimise: 'maximin',
    })
  })

  it.each([
    'method: grid',
    'method: grid\n  levels: 5',
    'method: one_at_a_time\n  levels: 3',
    'method: sobol\n  samples: 64',
    'method: halton\n  samples: 64\n  seed: 3',
    'method: random\n  samples: 64',
    'method: morris\n  trajectories: 20',
    'method: morris\n  trajectories: 20\n  levels: 6',
    'method: saltelli\n  samples: 64\n  second_order: true',
    'method: table\n  rows: [{a: 1, weather: chicago}, {a: 2.5, weather: miami}]',
    'method: nsga2\n  generations: 4\n  objectives: [{metric: heating_kwh}, {metric: pv_kwh, goal: maximise}]',
    'method: differential_evolution\n  generations: 4\n  objective: {metric: heating_kwh}\n  limits: [a < 1]',
  ])('keeps its design: %s', (design) => {
    const text = `${HEAD}design:\n  ${design}`
    expect(open(text).unshown).toEqual([])
  })

  it.each([
    ['engine: executable:degree_days', ['engine']],
    ['priority: urgent', ['priority']],
    ['surprise: 1', ['surprise']],
    ['design: {method: annealing}', ['design.method']],
    [
      'parameters: [{name: a, values: ["5"], target: {class: c, object: o, field: f}}]',
      ['parameters[0].values[0]'],
    ],
    [
      'parameters: [{name: a, values: [1], uniform: [0, 1], target: {class: c, object: o, field: f}}]',
      ['parameters[0].uniform'],
    ],
    ['parameters: [{name: a, values: [1]}]', ['parameters[0].target']],
    ['linked: [[a, b]]', ['linked[0]']],
  ])('says what the form has no place for: %s', (line, unshown) => {
    expect(open(`${HEAD}${line}\n`).unshown).toEqual(unshown)
  })

  it('may be JSON, and says why it is no study', () => {
    expect(open('{"name": "x", "model": "m", "weather": "w"}').unshown).toEqual([])
    expect(openStudy('name: [')).toHaveProperty('error')
    expect(openStudy('just words')).toEqual({ error: expect.stringContaining('no study') as string })
  })
})

describe('two studies', () => {
  it('are alike where one leaves out what is so anyway', () => {
    expect(listDifferences({ name: 'x' }, { name: 'x', keep: 'metrics', parameters: [] })).toEqual([])
    expect(listDifferences({ weather: ['a'] }, { weather: 'a' })).toEqual([])
    expect(listDifferences({ weather: ['a', 'b'] }, { weather: ['a', 'c'] })).toEqual(['weather[1]'])
  })
})
