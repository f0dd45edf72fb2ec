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
    ['parameters[1].target[2].object[0]', 'parameters[1].target[2].object'],
    ['parameters[1].target[2].class', 'parameters[1].target[2]'],
    ['parameters[0].arguments.facade', 'parameters[0].arguments.facade'],
    ['parameters[0].truncated_normal.sd', 'parameters[0].truncated_normal'],
    ['constraints[1]', 'constraints[1]'],
    ['linked[0][1]', 'linked[0]'],
    ['design.objectives[1].metric', 'design.objectives[1]'],
    ['design.objective.metric', 'design.objectives[0]'],
    ['outputs[3].frequency', 'outputs[3]'],
  ])('%s is %s', (path, control) => {
    expect(findControl(path)).toBe(control)
  })

  it.each(['', 'parameters', 'engine'])('of “%s” is none', (path) => {
    expect(findControl(path)).toBeUndefined()
  })
})

describe('findings', () => {
  it('go to their controls, all of them, and the rest to the summary', () => {
    const findings = ['parameters[0].values[0]', 'parameters[0].values[1]', 'engine'].map((path) => ({
      path,
    }))
    const { byControl, elsewhere } = placeFindings(findings)
    expect(byControl.get('parameters[0].values')).toHaveLength(2)
    expect(elsewhere).toEqual([{ path: 'engine' }])
  })
})
