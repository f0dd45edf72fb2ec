import { describeColumns } from './columns'

it('says of each column what its name says', () => {
  const row = {
    case: 0,
    lighting: 5,
    cost_eur: 3,
    saved_site_energy_percent: 2,
    saved_electricity_kwh: 1,
    reason: null,
  }
  const columns = describeColumns([row], [{ name: 'lighting', unit: 'W/m2' }], 'EUR')
  expect(columns.map(({ label, unit, kind }) => [label, unit, kind])).toEqual([
    ['case', null, 'key'],
    ['lighting', 'W/m2', 'parameter'],
    ['Cost', 'EUR', 'metric'],
    ['Saved site energy', '%', 'metric'],
    ['Saved electricity', 'kWh', 'metric'],
    ['reason', null, 'key'],
  ])
  expect(describeColumns([], [])).toEqual([])
})
