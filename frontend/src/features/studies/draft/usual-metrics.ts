/** Metrics that optimisations are mostly after, offered where one is to be named; any other may be typed. */
export const USUAL_METRICS: readonly string[] = [
  'total_site_energy_kwh',
  'total_source_energy_kwh',
  'site_eui_kwh_m2',
  'electricity_kwh',
  'natural_gas_kwh',
  'heating_kwh',
  'cooling_kwh',
  'peak_electricity_w',
  'unmet_heating_hours',
  'unmet_cooling_hours',
  'investment_cost_eur',
  'embodied_carbon_kgco2e',
]
