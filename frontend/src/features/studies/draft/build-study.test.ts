import { buildStudy } from './build-study'
import { makeDesign, makeDraft, type DesignDraft, type StudyDraft } from './draft'
import { listMissing } from './list-missing'
import {
  makeMeasureParameter,
  makeParameter,
  makeTarget,
  suggestName,
  titleOf,
  type ParameterDraft,
} from './parameter-draft'
import { parseValue } from '@/format/parse-value'
import { writeStudy } from './study-text'

const target = { className: 'Lights', field: 'Watts per Floor Area', unit: 'W/m2', objects: ['*'] }

function draftWith(part: Partial<StudyDraft>, parameter: Partial<ParameterDraft> = {}): StudyDraft {
  const parameters = [{ ...makeParameter(target, []), name: 'lighting', values: ['5', '10'], ...parameter }]
  return {
    ...makeDraft(),
    name: ' Lights ',
    models: ['warehouse'],
    weathers: ['chicago'],
    parameters,
    ...part,
  }
}

function designed(method: StudyDraft['method'], design: Partial<DesignDraft> = {}): Partial<StudyDraft> {
  return { method, design: { ...makeDesign(), ...design } }
}

describe('the study of a draft', () => {
  it('is what the API takes', () => {
    expect(buildStudy(draftWith({ baseline: true }))).toEqual({
      name: 'Lights',
      model: 'warehouse',
      weather: 'chicago',
      run_period: 'annual',
      baseline: true,
      parameters: [
        {
          name: 'lighting',
          target: { class: 'Lights', object: '*', field: 'Watts per Floor Area' },
          change: 'set',
          values: [5, 10],
        },
      ],
      design: { method: 'grid' },
    })
  })

  it('lists several models, weathers and objects', () => {
    const study = buildStudy(
      draftWith(
        { models: ['a', 'b'], weathers: ['c', 'd'] },
        { targets: [makeTarget({ ...target, objects: ['Office*', 'Bulk*'] })] },
      ),
    )
    expect(study).toMatchObject({
      model: ['a', 'b'],
      weather: ['c', 'd'],
      parameters: [{ target: { object: ['Office*', 'Bulk*'] } }],
    })
  })

  it('writes one parameter to several targets, each changed in its way', () => {
    const second = { ...makeTarget(target), change: 'add' as const, optionalIn: ['shed'], field: 3 }
    const study = buildStudy(draftWith({}, { targets: [makeTarget(target), second], change: 'scale' }))
    expect(study).toMatchObject({
      parameters: [
        {
          change: 'scale',
          target: [
            { class: 'Lights', field: 'Watts per Floor Area' },
            { class: 'Lights', field: 3, change: 'add', optional_in: 'shed' },
          ],
        },
      ],
    })
  })

  it('gives a measure its arguments, numbers as numbers, and leaves blank ones out', () => {
    const chosen = { name: 'overhangs', unit: 'm', arguments: { facade: 'south', offset_m: '0.1', zone: '' } }
    const measure = { ...makeMeasureParameter(chosen, []), values: ['0.5'] }
    expect(measure.name).toBe('overhangs_m')
    const [parameter] = buildStudy(draftWith({ parameters: [measure] })).parameters ?? []
    expect(parameter).toEqual({
      name: 'overhangs_m',
      measure: 'overhangs',
      arguments: { facade: 'south', offset_m: 0.1 },
      values: [0.5],
    })
  })

  const ends = { low: '1', high: '3', mode: '2', mean: '2.5', sd: '0.5' }

  it.each<[Partial<ParameterDraft>, object]>([
    [{ spread: 'uniform' }, { uniform: [1, 3] }],
    [{ spread: 'loguniform' }, { loguniform: [1, 3] }],
    [{ spread: 'integer' }, { integer: [1, 3] }],
    [{ spread: 'normal' }, { normal: { mean: 2.5, sd: 0.5 } }],
    [{ spread: 'truncated_normal' }, { truncated_normal: { mean: 2.5, sd: 0.5, low: 1, high: 3 } }],
    [{ spread: 'triangular' }, { triangular: { low: 1, mode: 2, high: 3 } }],
    [{ spread: 'choice' }, { choice: [5, 10] }],
    [
      { spread: 'choice', weights: ['1', '3'] },
      { choice: [5, 10], weights: [1, 3] },
    ],
    [{ spread: 'derived', expression: ' 2 * u ' }, { derived: '2 * u' }],
  ])('varies a parameter as it says: %j', (part, spread) => {
    const study = buildStudy(draftWith(designed('sobol'), { ...ends, ...part }))
    const { name, target: where, change, ...rest } = study.parameters?.[0] ?? { name: '' }
    expect([name, where?.constructor, change]).toEqual(['lighting', Object, 'set'])
    expect(rest).toEqual(spread)
  })

  it.each<[StudyDraft['method'], Partial<DesignDraft>, object]>([
    ['grid', {}, {}],
    ['one_at_a_time', { levels: '5' }, { levels: 5 }],
    ['lhs', { centred: true, maximin: true }, { samples: 32, seed: 1, centred: true, optimise: 'maximin' }],
    ['sobol', { samples: '64' }, { samples: 64, seed: 1 }],
    ['morris', { steps: '6' }, { trajectories: 10, levels: 6, seed: 1 }],
    ['saltelli', { secondOrder: true }, { samples: 32, second_order: true, seed: 1 }],
    [
      'nsga2',
      { objectives: [{ key: 'o', metric: 'heating_kwh', goal: 'minimise' }], limits: ['a < 1'] },
      {
        objectives: [{ metric: 'heating_kwh', goal: 'minimise' }],
        limits: ['a < 1'],
        population: 24,
        generations: 10,
        seed: 1,
      },
    ],
    [
      'differential_evolution',
      { objectives: [{ key: 'o', metric: 'pv_kwh', goal: 'maximise' }] },
      { objective: { metric: 'pv_kwh', goal: 'maximise' }, population: 24, generations: 10, seed: 1 },
    ],
  ])('is told what a %s design needs', (method, design, told) => {
    expect(buildStudy(draftWith(designed(method, design))).design).toEqual({ method, ...told })
  })

  it('names linked parameters as they are called now', () => {
    const [first] = draftWith({}).parameters
    const second = { ...makeParameter(target, []), name: 'other', values: ['1', '2'] }
    const parameters = first === undefined ? [] : [{ ...first, name: 'renamed' }, second]
    const linked = [[first?.key ?? '', second.key]]
    expect(buildStudy(draftWith({ parameters, linked, constraints: [' renamed < 3 '] }))).toMatchObject({
      linked: [['renamed', 'other']],
      constraints: ['renamed < 3'],
    })
  })

  it('takes the values from the rows of a table', () => {
    const study = buildStudy(draftWith(designed('table', { table: 'lighting\n5\n7.5' })))
    expect(study.design).toEqual({ method: 'table', rows: [{ lighting: 5 }, { lighting: 7.5 }] })
    expect(study.parameters).toEqual([expect.not.objectContaining({ values: expect.anything() as unknown })])
  })

  it('names the days of a part of the year', () => {
    const study = buildStudy(draftWith({ runPeriod: 'period', start: '01-01', end: '01-03' }))
    expect(study.run_period).toEqual({ start: '01-01', end: '01-03' })
  })

  it('reads as YAML with short lists on one line', () => {
    const yaml = writeStudy(buildStudy(draftWith({})))
    expect(yaml).toContain('values: [5, 10]')
    expect(yaml).toContain('object: "*"')
  })
})

describe('a value', () => {
  it('is a number where it reads as one, and the text elsewhere', () => {
    expect(['5', ' 0.2 ', '1e-3', '-1', '.5'].map(parseValue)).toEqual([5, 0.2, 0.001, -1, 0.5])
    expect(['Yes', '1,5', '0x10', '', '1e999', 'Infinity'].map(parseValue)).toEqual([
      'Yes',
      '1,5',
      '0x10',
      '',
      '1e999',
      'Infinity',
    ])
  })
})

describe('what is missing', () => {
  it('is everything in an empty draft', () => {
    expect(listMissing(makeDraft()).map(({ path }) => path)).toEqual(['name', 'model', 'weather'])
  })

  it('is nothing in a complete one, with or without parameters', () => {
    expect(listMissing(draftWith({}))).toEqual([])
    expect(listMissing(draftWith({ parameters: [] }))).toEqual([])
  })

  it('is told by the path of the control', () => {
    const paths = (draft: StudyDraft) => listMissing(draft).map(({ path }) => path)
    expect(
      paths(draftWith({}, { name: '', values: [], targets: [makeTarget({ ...target, objects: [] })] })),
    ).toEqual(['parameters[0].name', 'parameters[0].target.object', 'parameters[0].values'])
    expect(paths(draftWith(designed('lhs', { samples: '', seed: '' }), { spread: 'uniform' }))).toEqual([
      'parameters[0].uniform',
      'design.samples',
      'design.seed',
    ])
    expect(paths(draftWith(designed('table')))).toEqual(['design.rows'])
    expect(paths(draftWith(designed('nsga2', { limits: [''] })))).toEqual([
      'design.objectives',
      'design.limits[0]',
    ])
    expect(paths(draftWith({ linked: [['x']], constraints: [' '] }))).toEqual(['linked[0]', 'constraints[0]'])
    expect(paths(draftWith({ text: 'name: x' }))).toEqual([])
  })
})

describe('a new parameter', () => {
  it('is named after its field and unit, unlike the others', () => {
    expect(suggestName('Watts per Floor Area', 'W/m2')).toBe('watts_per_floor_area_w_m2')
    expect(suggestName('2nd Stage', '')).toBe('p_2nd_stage')
    const first = makeParameter(target, [])
    expect(makeParameter(target, [first.name]).name).toBe(`${first.name}_2`)
    expect(titleOf(first)).toBe('Watts per floor area w m2')
    expect(titleOf({ ...first, label: 'Lights' })).toBe('Lights')
  })
})
