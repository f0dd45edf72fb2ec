import { splitCommon } from './common-changes'
import { describeContent, describeLimits } from './describe-field'
import { makeDraft } from './draft'
import { forgetDraft, loadDraft, storeDraft } from './draft-storage'
import { matchObjects } from './match-objects'
import { parseTable, writeTable } from '@/format/parse-table'

describe('a pasted table', () => {
  it('may be separated by commas, semicolons or tabs', () => {
    for (const sign of [',', ';', '\t'])
      expect(parseTable(`a${sign}weather\n1.5${sign}chicago\n`).rows).toEqual([
        { a: 1.5, weather: 'chicago' },
      ])
  })

  it('may quote cells that hold the separator', () => {
    expect(parseTable('a,b\n"x, y",2').rows).toEqual([{ a: 'x, y', b: 2 }])
  })

  it('is read back from what is written of its rows', () => {
    const rows = [
      { a: 1.5, weather: 'chicago' },
      { a: 2e-7, weather: 'x, y' },
    ]
    expect(parseTable(writeTable(rows)).rows).toEqual(rows)
    expect(writeTable([])).toBe('')
  })

  it('says which row is wrong', () => {
    expect(parseTable('a,b\n1\n1,\n1,2').problems).toEqual([
      'Row 1 has 1 cells, the first line 2.',
      'Row 2 has an empty cell.',
    ])
  })
})

describe('objects', () => {
  const objects = ['Roof Insulation', 'Wall Insulation', 'Gypsum [1/2]'].map((name) => ({ name }))

  it.each([
    [['*'], 3],
    [['*insulation'], 2],
    [['roof insulation', 'Wall*'], 2],
    [['Roof'], 0],
    [['Gyps?m*'], 1],
    [[], 0],
  ])('matched by %j are %d', (patterns, count) => {
    expect(matchObjects(patterns, objects)).toHaveLength(count)
  })
})

describe('a field', () => {
  const objects = [{ values: ['a', '0.10'] }, { values: ['b', '0.3'] }, { values: ['c'] }]

  it('is described by what stands in it', () => {
    expect(describeContent(1, objects)).toEqual({ text: '0.1 – 0.3', blankCount: 1 })
    expect(describeContent(0, [...objects, { values: ['d'] }]).text).toBe('a, b, c and 1 more')
    expect(describeContent(1, [{ values: ['', '0.9'] }, { values: ['', '0.90'] }]).text).toBe('0.9')
  })

  const free = { minimum: null, exclusive_minimum: null, maximum: null, exclusive_maximum: null, choices: [] }

  it.each([
    [free, ''],
    [{ ...free, minimum: 0, maximum: 1 }, '0 – 1'],
    [{ ...free, exclusive_minimum: 0 }, '> 0'],
    [{ ...free, exclusive_minimum: 0, maximum: 0.99999 }, '> 0, ≤ 0.99999'],
    [{ ...free, maximum: 5 }, '≤ 5'],
    [{ ...free, choices: ['Yes', 'No'] }, 'Yes | No'],
  ])('says what it allows', (limits, text) => {
    expect(describeLimits(limits)).toBe(text)
  })
})

describe('the changes of the first cases', () => {
  it('that are the same in all are told once', () => {
    const { common, own } = splitCommon([{ changes: ['run', 'x 1'] }, { changes: ['run', 'x 2'] }])
    expect(common).toEqual(['run'])
    expect(own).toEqual([['x 1'], ['x 2']])
  })
})

describe('the stored draft', () => {
  it('comes back as it was left', () => {
    const draft = { ...makeDraft(), name: 'Kept', models: ['warehouse'] }
    storeDraft(draft)
    expect(loadDraft()).toEqual(draft)
    forgetDraft()
    expect(loadDraft()).toEqual(makeDraft())
  })

  it('of another shape is left alone', () => {
    localStorage.setItem('casefarm.study-draft.2', '{"name": 3}')
    expect(loadDraft()).toEqual(makeDraft())
    localStorage.setItem('casefarm.study-draft.2', 'not json')
    expect(loadDraft()).toEqual(makeDraft())
  })
})
