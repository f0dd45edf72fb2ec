import { findControl, placeFindings } from './place-findings'

describe('the control of a path', () => {
  it.each([
    ['name', 'name'],
    ['weather[1]', 'weather'],
    ['parameters[1].target.object', 'parameters[1].target.object'],
    ['parameters[1].target.object[0]', 'parameters[1].target.object'],
    ['parameters[0].target.class', 'parameters[0].target'],
    ['parameters[0].target.field', 'parameters[0].target'],
    ['parameters[12].values[2]', 'parameters[12].values'],
    ['parameters[0].uniform[1]', 'parameters[0].uniform'],
    ['parameters[0].unknown', 'parameters[0]'],
    ['design.rows[3].lighting', 'design.rows'],
    ['design.method', 'design'],
    ['run_period.start', 'run_period.start'],
  ])('%s is %s', (path, control) => {
    expect(findControl(path)).toBe(control)
  })

  it.each(['', 'priority', 'parameters', 'linked[0]'])('of “%s” is none', (path) => {
    expect(findControl(path)).toBeUndefined()
  })
})

describe('findings', () => {
  it('go to their controls, all of them, and the rest to the summary', () => {
    const findings = ['parameters[0].values[0]', 'parameters[0].values[1]', 'priority'].map((path) => ({
      path,
    }))
    const { byControl, elsewhere } = placeFindings(findings)
    expect(byControl.get('parameters[0].values')).toHaveLength(2)
    expect(elsewhere).toEqual([{ path: 'priority' }])
  })
})
