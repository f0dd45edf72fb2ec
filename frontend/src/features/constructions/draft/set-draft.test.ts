import type { ShownConstruction } from '@/api'

import { buildConstructions, readConstructions } from './set-draft'

const wall: ShownConstruction = {
  name: 'Cavity wall',
  kind: 'exterior_wall',
  layers: [
    { name: 'Wool', kind: 'no_mass', roughness: 'Rough', resistance_m2k_w: 2 },
    { name: 'Brick', kind: 'material', roughness: 'Rough', thickness_m: 0.1, conductivity_w_mk: 0.8 },
  ],
  cost_per_m2: 120,
  embodied_carbon_kgco2e_m2: null,
  service_life_years: 60,
  source: 'a book',
  u_factor: 0.4,
}

const glass: ShownConstruction = {
  name: 'Double',
  kind: 'window',
  glazing: { u_factor_w_m2k: 1.3, shgc: 0.6, visible_transmittance: null },
  u_factor: 1.3,
}

it('gives back what it was given, but for what is only shown', () => {
  const built = buildConstructions([wall, glass], readConstructions([wall, glass]))
  expect({ ...built[0], u_factor: 0.4 }).toEqual(wall)
  expect(built[0]).not.toHaveProperty('u_factor')
  expect(built[1]).toMatchObject({ name: 'Double', glazing: glass.glazing, cost_per_m2: null })
})

it('has the numbers that were typed, and nothing for what is not known', () => {
  const [draft] = readConstructions([wall])
  if (draft === undefined) throw new Error('no draft')
  const figures = { ...draft.figures, cost_per_m2: '', embodied_carbon_kgco2e_m2: '35.5' }
  const layers = [draft.layers[0] ?? {}, { ...draft.layers[1], thickness_m: '0.2' }]
  const [built] = buildConstructions([wall], [{ ...draft, figures, layers }])
  expect(built).toMatchObject({ cost_per_m2: null, embodied_carbon_kgco2e_m2: 35.5 })
  expect(built?.layers?.[1]).toMatchObject({ name: 'Brick', thickness_m: 0.2, conductivity_w_mk: 0.8 })
})
