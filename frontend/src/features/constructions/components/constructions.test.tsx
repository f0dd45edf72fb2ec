import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { http, HttpResponse } from 'msw'

import type { WholeConstructionSet } from '@/api'
import { renderApp } from '@/testing/render-app'
import { ORIGIN, page, refuse, service } from '@/testing/service'

const starter: WholeConstructionSet = {
  id: '00000000-0000-4000-8000-000000000011',
  ref: 'starter',
  alias: 'starter',
  name: 'Starter',
  currency: 'EUR',
  description: 'What there is.',
  bundled: true,
  revision: 1,
  created_at: '2026-11-01T08:00:00Z',
  updated_at: '2026-11-01T08:00:00Z',
  construction_count: 1,
  constructions: [
    {
      name: 'Cavity wall',
      kind: 'exterior_wall',
      layers: [{ name: 'Wool', kind: 'no_mass', roughness: 'Rough', resistance_m2k_w: 2 }],
      cost_per_m2: 120,
      embodied_carbon_kgco2e_m2: null,
      service_life_years: 60,
      source: 'a book',
      u_factor: 0.4,
    },
  ],
}
const mine = {
  ...starter,
  id: '00000000-0000-4000-8000-000000000012',
  ref: 'mine',
  alias: null,
  name: 'Mine',
  bundled: false,
}

const SETS = `${ORIGIN}/api/construction-sets`

beforeEach(() => {
  service.use(
    http.get(`${SETS}/`, () => HttpResponse.json(page([starter, mine]))),
    http.get(`${SETS}/starter/`, () => HttpResponse.json(starter)),
    http.get(`${SETS}/mine/`, () => HttpResponse.json(mine)),
  )
})

describe('construction sets', () => {
  it('are listed, and a bundled one is copied rather than changed', async () => {
    const made: unknown[] = []
    service.use(
      http.post(`${SETS}/`, async ({ request }) => {
        made.push(await request.json())
        return HttpResponse.json(mine, { status: 201 })
      }),
    )
    const { router, user } = renderApp('/constructions')
    await user.click(await screen.findByRole('link', { name: 'Starter' }))
    const wall = await screen.findByRole('group', { name: 'Cavity wall' })
    expect(within(wall).getByText('U 0.4 W/m²·K')).toBeVisible()
    expect(within(wall).getByLabelText('Cost [EUR/m²]')).toHaveAttribute('readonly')
    expect(screen.queryByRole('button', { name: 'Keep the changes' })).toBeNull()
    await user.click(screen.getByRole('button', { name: 'Copy' }))
    await user.click(await screen.findByRole('button', { name: 'Copy the set' }))
    await waitFor(() => expect(router.state.location.pathname).toBe('/constructions/mine'))
    expect(made).toEqual([{ name: 'My starter', copy_of: 'starter' }])
  })

  it('of one’s own are changed figure by figure, and say what is refused', async () => {
    const sent: unknown[] = []
    service.use(
      http.patch(`${SETS}/mine/`, async ({ request }) => {
        sent.push(await request.json())
        return refuse(400, 'The construction set was refused.', [
          { path: 'constructions[0].cost_per_m2', message: 'Write a number.', found: 'x', accepted: null },
        ])
      }),
    )
    const { user } = renderApp('/constructions/mine')
    const wall = await screen.findByRole('group', { name: 'Cavity wall' })
    fireEvent.change(within(wall).getByLabelText('Carbon [kgCO₂e/m²]'), { target: { value: '35.5' } })
    fireEvent.change(within(wall).getByLabelText('Resistance [m²·K/W]'), { target: { value: '3' } })
    await user.click(screen.getByRole('button', { name: 'Keep the changes' }))
    expect(await screen.findByText('Write a number.')).toBeVisible()
    expect(sent).toMatchObject([
      {
        revision: 1,
        constructions: [
          { name: 'Cavity wall', embodied_carbon_kgco2e_m2: 35.5, layers: [{ resistance_m2k_w: 3 }] },
        ],
      },
    ])
  })

  it('come from a CSV file', async () => {
    let type = ''
    service.use(
      http.post(`${SETS}/import/`, ({ request }) => {
        type = request.headers.get('Content-Type') ?? ''
        return HttpResponse.json({ ...mine, notes: [] }, { status: 201 })
      }),
    )
    const { router, user } = renderApp('/constructions')
    await user.click(await screen.findByRole('button', { name: 'Import' }))
    const dialog = await screen.findByRole('dialog')
    await user.type(await within(dialog).findByLabelText('Name'), 'Mine')
    await user.upload(within(dialog).getByLabelText(/Drop a CSV/), new File(['x'], 'walls.csv'))
    await user.click(within(dialog).getByRole('button', { name: 'Import' }))
    await waitFor(() => expect(router.state.location.pathname).toBe('/constructions/mine'))
    expect(type).toContain('multipart/form-data')
  })
})
