/** Energy carriers as valuations name them. */
export const CARRIERS: readonly string[] = [
  'electricity',
  'natural_gas',
  'district_heating',
  'district_cooling',
  'propane',
  'fuel_oil_no_1',
  'fuel_oil_no_2',
  'diesel',
  'gasoline',
  'coal',
  'other_fuel_1',
  'other_fuel_2',
]

export function nameCarrier(carrier: string): string {
  const words = carrier.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** The carriers that a case used any of; electricity where that is not known yet. */
export function listUsedCarriers(metrics: Readonly<Record<string, number | null>>): string[] {
  const used = CARRIERS.filter((carrier) => (metrics[`${carrier}_kwh`] ?? 0) > 0)
  return used.length > 0 ? used : ['electricity']
}
