import { buildStudy, listMissing } from './build-study'
import { makeDraft, makeParameter, suggestName, type ParameterDraft, type StudyDraft } from './draft'
import { parseValue } from './parse-value'
import { writeYaml } from './write-yaml'

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
      draftWith({ models: ['a', 'b'], weathers: ['c', 'd'] }, { objects: ['Office*', 'Bulk*'] }),
    )
    expect(study).toMatchObject({
      model: ['a', 'b'],
      weather: ['c', 'd'],
      parameters: [{ target: { object: ['Office*', 'Bulk*'] } }],
    })
  })

  it('has a range only in a sampled design', () => {
    const range: Partial<ParameterDraft> = { spread: 'uniform', low: '0.5', high: '1.5' }
    const sampled = buildStudy(draftWith({ method: 'lhs', samples: '8', seed: '3' }, range))
    expect(sampled).toMatchObject({
      parameters: [{ uniform: [0.5, 1.5] }],
      design: { method: 'lhs', samples: 8, seed: 3 },
    })
    expect(buildStudy(draftWith({}, range))).toMatchObject({ parameters: [{ values: [5, 10] }] })
  })

  it('takes the values from the rows of a table', () => {
    const study = buildStudy(draftWith({ method: 'table', table: 'lighting\n5\n7.5' }))
    expect(study.design).toEqual({ method: 'table', rows: [{ lighting: 5 }, { lighting: 7.5 }] })
    expect(study.parameters).toEqual([expect.not.objectContaining({ values: expect.anything() as unknown })])
  })

  it('names the days of a part of the year', () => {
    const study = buildStudy(draftWith({ runPeriod: 'period', start: '01-01', end: '01-03' }))
    expect(study.run_period).toEqual({ start: '01-01', end: '01-03' })
  })

  it('reads as YAML with short lists on one line', () => {
    const yaml = writeYaml(buildStudy(draftWith({})))
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
    expect(paths(draftWith({}, { name: '', values: [], objects: [] }))).toEqual([
      'parameters[0].name',
      'parameters[0].target.object',
      'parameters[0].values',
    ])
    expect(paths(draftWith({ method: 'lhs', samples: '', seed: '' }, { spread: 'uniform' }))).toEqual([
      'parameters[0].uniform',
      'design.samples',
      'design.seed',
    ])
    expect(paths(draftWith({ method: 'table' }))).toEqual(['design.rows'])
  })
})

describe('a new parameter', () => {
  it('is named after its field and unit, unlike the others', () => {
    expect(suggestName('Watts per Floor Area', 'W/m2')).toBe('watts_per_floor_area_w_m2')
    expect(suggestName('2nd Stage', '')).toBe('p_2nd_stage')
    const first = makeParameter(target, [])
    expect(makeParameter(target, [first.name]).name).toBe(`${first.name}_2`)
  })
})
