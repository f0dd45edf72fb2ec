/** One of each thing that the service answers. */
import type {
  Batch,
  Case,
  CaseDetail,
  CaseMessages,
  Class,
  Column,
  Measure,
  Message,
  Objects,
  Front,
  Preview,
  Sensitivity,
  StoredFile,
} from '@/api'

const stored = { sha256: 'ab'.repeat(32), bundled: true, created_at: '2026-11-01T08:00:00Z', attachments: [] }

export const model: StoredFile = {
  ...stored,
  id: '00000000-0000-4000-8000-000000000001',
  alias: 'warehouse',
  name: 'RefBldgWarehouse.idf',
  size_bytes: 151_000,
  facts: { building_name: 'Warehouse', zone_count: 3, surface_count: 20, location: 'Chicago' },
}

export const weather: StoredFile = {
  ...stored,
  id: '00000000-0000-4000-8000-000000000002',
  alias: 'chicago',
  name: 'USA_IL_Chicago.epw',
  size_bytes: 1_640_000,
  facts: { city: 'Chicago', country: 'USA', latitude_deg: 41.98, longitude_deg: -87.92 },
}

export const upload: StoredFile = {
  ...weather,
  id: '00000000-0000-4000-8000-000000000009',
  alias: null,
  name: 'mine.epw',
  bundled: false,
}

export const classes: Class[] = [
  { name: 'Lights', group: 'Internal Gains', count: 2 },
  { name: 'Zone', group: 'Thermal Zones and Surfaces', count: 3 },
]

const field = {
  units: null,
  type: 'alpha' as const,
  minimum: null,
  exclusive_minimum: null,
  maximum: null,
  exclusive_maximum: null,
  choices: [],
  default: null,
  required: false,
  autosizable: false,
  autocalculatable: false,
}

export const lightsObjects: Objects = {
  class: 'Lights',
  fields: [
    { ...field, index: 0, name: 'Name', key: 'name' },
    { ...field, index: 1, name: 'Schedule Name', key: 'schedule_name', type: 'object-list' },
    {
      ...field,
      index: 2,
      name: 'Watts per Floor Area',
      key: 'watts_per_floor_area',
      type: 'real',
      units: 'W/m2',
      minimum: 0,
    },
  ],
  objects: [
    { name: 'Office_Lights', values: ['Office_Lights', 'ALWAYS_ON', '11.84'] },
    { name: 'Bulk_Lights', values: ['Bulk_Lights', 'ALWAYS_ON', ''] },
  ],
}

export const preview: Preview = {
  case_count: 2,
  baseline_count: 0,
  candidate_count: 8,
  lost_share: 0.75,
  duplicate_count: 1,
  known_cases: 1,
  known_sample: null,
  estimate: {
    wall_s: 4,
    wall_low_s: 3,
    wall_high_s: 6,
    cpu_s: 8,
    cpu_low_s: 6,
    cpu_high_s: 12,
    stored_bytes: 2_000_000,
    stored_low_bytes: 1_000_000,
    stored_high_bytes: 3_000_000,
    slots: 2,
    runs: 12,
    same_run_period: true,
  },
  series_values_per_case: 0,
  cases: [
    {
      index: 0,
      model: 'warehouse',
      weather: 'chicago',
      parameters: { watts_per_floor_area_w_m2: 5 },
      summary: ['Watts per floor area: 11.84 → 5 W/m2 in 1 object'],
      changes: ["Lights 'Office_Lights': Watts per Floor Area 11.84 → 5 W/m2"],
      error: null,
    },
  ],
  touched: [
    {
      parameter: 'watts_per_floor_area_w_m2',
      model: 'warehouse',
      class_name: 'Lights',
      field: 'Watts per Floor Area',
      objects: 1,
      names: ['Office_Lights'],
    },
  ],
  notes: [],
}

const ID = '5f0c6a8e-0000-4000-8000-000000000003'

export const batch: Batch = {
  id: ID,
  task_id: ID,
  name: 'Warehouse lights',
  owner: 'ada',
  state: 'completed',
  created_at: '2026-11-20T10:00:00Z',
  started_at: '2026-11-20T10:00:01Z',
  finished_at: '2026-11-20T10:01:21Z',
  case_count: 2,
  baseline_count: 1,
  counts: { pending: 0, running: 0, succeeded: 2, failed: 1, cancelled: 0 },
  verdicts: { valid: 2, suspect: 0, failed: 1 },
  cached: 0,
  progress: { finished: 3, total: 3, percent: 100 },
  rate_per_h: 135,
  eta_s: null,
  priority: 'normal',
  queue: null,
  error: null,
  findings: [],
  keep: false,
  outputs_removed_at: null,
  outputs_due_at: '2027-02-18T10:01:21Z',
  parameters: [{ name: 'lighting_w_m2', unit: 'W/m2' }],
  study: {},
  adaptive: null,
  extensions: [],
  status_url: `/api/batches/${ID}/`,
  events_url: `/api/batches/${ID}/events/`,
  results_url: `/api/batches/${ID}/results/`,
  cancel_url: `/api/batches/${ID}/cancel/`,
  cases_url: `/api/batches/${ID}/cases/`,
}

const finished: Omit<Case, 'index' | 'parameters'> = {
  state: 'succeeded',
  verdict: 'valid',
  model: 'warehouse',
  weather: 'chicago',
  metrics: { total_site_energy_kwh: 1234.5678, district_heating_kwh: null },
  error: null,
  reasons: [],
  cached: false,
  attempt: 1,
  started_at: '2026-11-20T10:00:02Z',
  finished_at: '2026-11-20T10:00:12Z',
  duration_s: 10,
}

const failedCase: Case = {
  ...finished,
  index: 1,
  parameters: { lighting_w_m2: 900 },
  state: 'failed',
  verdict: 'failed',
  metrics: null,
  error: { kind: 'fatal', message: '** Fatal ** Temperature out of bounds' },
}

export const cases: Case[] = [
  { ...finished, index: -1, parameters: {} },
  { ...finished, index: 0, parameters: { lighting_w_m2: 5 } },
  failedCase,
]

export const caseDetail: CaseDetail = {
  ...failedCase,
  changes: ["Lights 'Office_Lights': Watts per Floor Area 11.84 → 900 W/m2"],
  files: [{ name: 'eplusout.err', size_bytes: 2048, url: `/api/batches/${ID}/cases/1/files/eplusout.err` }],
}

const warning: Message = {
  severity: 'warning',
  text: 'Calculated design heating load is zero.',
  count: 1,
  phase: null,
  class_name: null,
  object_name: null,
  zone: null,
}

export const caseMessages: CaseMessages = {
  warnings: 1834,
  severe_errors: 1,
  total: 7,
  is_complete: true,
  messages: [
    {
      ...warning,
      severity: 'severe',
      text: 'Zone="OFFICE" is odd',
      phase: 'warmup',
      class_name: 'Zone',
      object_name: 'Office',
      zone: 'Office',
    },
    { ...warning, count: 1829, phase: 'simulation' },
    ...[1, 2, 3, 4, 5].map((number) => ({ ...warning, text: `Warning ${number.toString()}` })),
  ],
}

export const columns: Column[] = [
  { name: 'case', label: 'case', unit: null, kind: 'key' },
  { name: 'state', label: 'state', unit: null, kind: 'key' },
  { name: 'verdict', label: 'verdict', unit: null, kind: 'key' },
  { name: 'weather', label: 'weather', unit: null, kind: 'key' },
  { name: 'lighting_w_m2', label: 'lighting_w_m2', unit: 'W/m2', kind: 'parameter' },
  { name: 'total_site_energy_kwh', label: 'Total site energy', unit: 'kWh', kind: 'metric' },
  { name: 'district_heating_kwh', label: 'District heating', unit: 'kWh', kind: 'metric' },
]

const row = { state: 'succeeded', verdict: 'valid', weather: 'chicago', district_heating_kwh: null }

export const rows = [
  { ...row, case: -1, lighting_w_m2: null, total_site_energy_kwh: 1500 },
  { ...row, case: 0, lighting_w_m2: 5, total_site_energy_kwh: 1234.5678 },
  { ...row, case: 1, state: 'failed', verdict: 'failed', lighting_w_m2: 900, total_site_energy_kwh: null },
]

export const measure: Measure = {
  name: 'overhangs',
  title: 'Overhangs',
  description: 'Put an overhang above every window of a facade.\n\nSource: geometry.',
  openstudio: 'AddOverhangsByProjectionFactor',
  value: {
    kind: 'number',
    description: 'Depth over height.',
    unit: '1',
    minimum: 0,
    maximum: null,
    exclusive_minimum: null,
    exclusive_maximum: null,
    choices: [],
    example: 0.5,
  },
  arguments: {
    type: 'object',
    required: ['facade'],
    properties: {
      facade: { enum: ['north', 'south'], type: 'string', description: 'Which walls.' },
      extension: { type: 'number', default: 0, minimum: 0, description: 'Beyond the window, m.' },
      alter: { type: 'boolean', default: false, description: 'Also on design days.' },
      zones: { type: 'array', items: { type: 'string' }, default: ['*'], description: 'Names or globs.' },
    },
  },
}

export const sensitivity: Sensitivity = {
  method: 'sobol',
  metric: 'total_site_energy_kwh',
  label: 'Total site energy',
  unit: 'kWh',
  weather: 'chicago',
  model: 'warehouse',
  cases_used: 64,
  cases_left_out: 1,
  is_complete: true,
  reasons: ['1 case is suspect.'],
  sorted_by: 'st',
  indices: [
    { name: 'st', label: 'ST', meaning: 'Interactions included.', unit: null },
    { name: 's1', label: 'S1', meaning: 'By itself.', unit: null },
  ],
  factors: [
    {
      name: 'roof_r',
      label: 'Roof r',
      parameters: ['roof_r'],
      values: { st: 0.7, s1: 0.6 },
      conf: { st: 0.1, s1: 0.2 },
    },
    {
      name: 'lighting_w_m2',
      label: 'Lighting',
      parameters: ['lighting_w_m2'],
      values: { st: 0.3, s1: 0.25 },
      conf: { st: 0.05, s1: 0.06 },
    },
  ],
  pairs: [{ first: 'roof_r', second: 'lighting_w_m2', s2: 0.04, s2_conf: 0.02 }],
  fit: {},
  noise: null,
  notes: [],
}

const objective = { goal: 'minimise' as const, unit: 'kWh' }

export const front: Front = {
  objectives: [
    { ...objective, metric: 'heating_kwh', label: 'Heating' },
    { ...objective, metric: 'cooling_kwh', label: 'Cooling' },
  ],
  limits: ['unmet_heating_hours <= 300'],
  generations: 3,
  generation: 2,
  evaluated: 3,
  front: [1, 0],
  points: [
    [0, 500, 40, true],
    [1, 400, 60, true],
    [2, 550, 70, false],
  ].map(([index, heating, cooling, on_front]) => ({
    case: Number(index),
    generation: 0,
    state: 'succeeded' as const,
    verdict: 'valid' as const,
    on_front: on_front === true,
    parameters: { lighting_w_m2: 5 },
    objectives: { heating_kwh: Number(heating), cooling_kwh: Number(cooling) },
  })),
}
