/** A valuation as the editor holds it: all texts as typed; what the editor has no place for stays as it was. */
import { parseValue } from '@/format/parse-value'

type Part = Record<string, unknown>

/** As the service takes it. */
export type Valuation = {
  currency?: string
  tariffs?: Record<string, Part>
  emission_factors?: Record<string, Part>
  [more: string]: unknown
}

export type RateKind = 'none' | 'flat' | 'monthly' | 'time_of_use'

export type WindowDraft = {
  name: string
  rate: string
  /** Months in which it holds, "1".."12"; none means all. */
  months: string[]
  days: string
  from: string
  to: string
}

export type RateDraft = {
  kind: RateKind
  flat: string
  /** Twelve amounts. */
  monthly: string[]
  windows: WindowDraft[]
  /** Of a tariff: of each month, whatever is used; '' for none. */
  standing: string
  /** Electricity: of a kWh sold, the same at any time; '' for none. */
  exported: string
  /** Share per year, as per cent; '' for none. */
  changePercent: string
  /** Keys that have no control here. */
  rest: Part
}

export type CarrierDraft = { carrier: string; tariff: RateDraft; factor: RateDraft }

export type LifeCycleDraft = { years: string; discountPercent: string; rest: Part }

export type ValuationDraft = {
  currency: string
  carriers: CarrierDraft[]
  lifeCycle: LifeCycleDraft | null
  rest: Part
}

export const MONTHS = 12

export function makeRate(): RateDraft {
  return {
    kind: 'none',
    flat: '',
    monthly: Array.from({ length: MONTHS }, () => ''),
    windows: [],
    standing: '',
    exported: '',
    changePercent: '',
    rest: {},
  }
}

export function makeWindow(): WindowDraft {
  return { name: '', rate: '', months: [], days: 'all', from: '0', to: '24' }
}

export function makeCarrier(carrier: string): CarrierDraft {
  return { carrier, tariff: makeRate(), factor: makeRate() }
}

/** The draft of a valuation, with a place for each of `carriers` besides those that it names. */
export function readValuation(valuation: Valuation | null, carriers: readonly string[]): ValuationDraft {
  const { currency = '', tariffs = {}, emission_factors: factors = {}, life_cycle, ...rest } = valuation ?? {}
  const names = [...new Set([...carriers, ...Object.keys(tariffs), ...Object.keys(factors)])]
  return {
    currency,
    carriers: names.map((carrier) => ({
      carrier,
      tariff: readRate(tariffs[carrier]),
      factor: readRate(factors[carrier]),
    })),
    lifeCycle: readLifeCycle(life_cycle),
    rest,
  }
}

function readRate(rate: Part | undefined): RateDraft {
  if (rate === undefined) return makeRate()
  const { flat, monthly, time_of_use: windows, standing_charge_per_month, change_per_year, ...others } = rate
  const { export: exported, ...rest } = others
  const soldAt = asPart(exported)
  const isFlatExport = Object.keys(soldAt).join() === 'flat'
  return {
    ...makeRate(),
    kind: Array.isArray(windows) ? 'time_of_use' : Array.isArray(monthly) ? 'monthly' : 'flat',
    flat: asText(flat),
    ...(Array.isArray(monthly) && { monthly: monthly.map(asText) }),
    windows: Array.isArray(windows) ? windows.map((window) => readWindow(asPart(window))) : [],
    standing: asText(standing_charge_per_month),
    changePercent: asPercent(change_per_year),
    exported: isFlatExport ? asText(soldAt.flat) : '',
    rest: exported === undefined || isFlatExport ? rest : { ...rest, export: exported },
  }
}

function readWindow(window: Part): WindowDraft {
  const { name, rate, months, days, from, to } = window
  return {
    name: asText(name),
    rate: asText(rate),
    months: Array.isArray(months) ? months.map(asText) : [],
    days: asText(days) || 'all',
    from: asText(from) || '0',
    to: asText(to) || '24',
  }
}

function readLifeCycle(lifeCycle: unknown): LifeCycleDraft | null {
  if (lifeCycle === undefined || lifeCycle === null) return null
  const { period_years, discount_rate, ...rest } = asPart(lifeCycle)
  return { years: asText(period_years), discountPercent: asPercent(discount_rate), rest }
}

/** The valuation of a draft; what is no number goes out as it was typed, and comes back with what is wrong with it. */
export function buildValuation({ currency, carriers, lifeCycle, rest }: ValuationDraft): Valuation {
  const build = (key: 'tariff' | 'factor') =>
    Object.fromEntries(
      carriers.flatMap((each) => (each[key].kind === 'none' ? [] : [[each.carrier, buildRate(each[key])]])),
    )
  const [tariffs, factors] = [build('tariff'), build('factor')]
  return {
    ...(currency.trim() !== '' && { currency: currency.trim().toUpperCase() }),
    ...(Object.keys(tariffs).length > 0 && { tariffs }),
    ...(Object.keys(factors).length > 0 && { emission_factors: factors }),
    ...(lifeCycle !== null && {
      life_cycle: {
        ...lifeCycle.rest,
        period_years: parseValue(lifeCycle.years),
        discount_rate: toShare(lifeCycle.discountPercent),
      },
    }),
    ...rest,
  }
}

function buildRate(rate: RateDraft): Part {
  return {
    ...(rate.kind === 'flat' && { flat: parseValue(rate.flat) }),
    ...(rate.kind === 'monthly' && { monthly: rate.monthly.map(parseValue) }),
    ...(rate.kind === 'time_of_use' && { time_of_use: rate.windows.map(buildWindow) }),
    ...(rate.standing.trim() !== '' && { standing_charge_per_month: parseValue(rate.standing) }),
    ...(rate.exported.trim() !== '' && { export: { flat: parseValue(rate.exported) } }),
    ...(rate.changePercent.trim() !== '' && { change_per_year: toShare(rate.changePercent) }),
    ...rate.rest,
  }
}

function buildWindow({ name, rate, months, days, from, to }: WindowDraft): Part {
  return {
    ...(name.trim() !== '' && { name: name.trim() }),
    rate: parseValue(rate),
    ...(months.length > 0 && { months: months.map(Number).sort((one, other) => one - other) }),
    days,
    from: parseValue(from),
    to: parseValue(to),
  }
}

function toShare(percent: string): number | string {
  const value = parseValue(percent)
  return typeof value === 'number' ? Number((value / 100).toPrecision(12)) : value
}

function asPercent(share: unknown): string {
  return typeof share === 'number' && share !== 0 ? Number((100 * share).toPrecision(12)).toString() : ''
}

function asPart(value: unknown): Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Part) : {}
}

function asText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? value.toString() : ''
}
