import { buildValuation, makeCarrier, readValuation, type Valuation } from './valuation'

const WHOLE: Valuation = {
  currency: 'EUR',
  tariffs: {
    electricity: {
      time_of_use: [
        { name: 'peak', rate: 0.4, months: [1, 12], days: 'weekdays', from: 8, to: 20 },
        { rate: 0.2, days: 'all', from: 20, to: 8 },
      ],
      export: { flat: 0.08 },
      change_per_year: 0.02,
      demand_charge: { per_kw_month: 5, interval_min: 15 },
    },
    natural_gas: { flat: 0.1, standing_charge_per_month: 12 },
  },
  emission_factors: {
    electricity: { monthly: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], export: { monthly: [0] } },
  },
  holidays: ['12-25'],
  life_cycle: { period_years: 30, discount_rate: 0.03, residual_value: 'none' },
}

describe('a valuation', () => {
  it('comes out of the editor as it went in, with what the editor has no place for', () => {
    expect(buildValuation(readValuation(WHOLE, []))).toEqual(WHOLE)
  })

  it('has a place for every carrier of the batch, and says nothing of those left blank', () => {
    const draft = readValuation(null, ['electricity', 'natural_gas'])
    expect(draft.carriers.map(({ carrier }) => carrier)).toEqual(['electricity', 'natural_gas'])
    expect(buildValuation(draft)).toEqual({})
  })

  it('writes per cent as shares and currencies in capitals', () => {
    const draft = readValuation(null, [])
    const { tariff, ...carrier } = makeCarrier('electricity')
    const priced = {
      ...carrier,
      tariff: { ...tariff, kind: 'flat' as const, flat: '0.3', changePercent: '-3' },
    }
    expect(
      buildValuation({
        ...draft,
        currency: 'chf',
        carriers: [priced],
        lifeCycle: { years: '20', discountPercent: '2.5', rest: {} },
      }),
    ).toEqual({
      currency: 'CHF',
      tariffs: { electricity: { flat: 0.3, change_per_year: -0.03 } },
      life_cycle: { period_years: 20, discount_rate: 0.025 },
    })
  })
})
