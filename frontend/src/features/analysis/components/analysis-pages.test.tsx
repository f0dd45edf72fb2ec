import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { http, HttpResponse } from 'msw'

import { batch, rows, sensitivity } from '@/testing/examples'
import { renderApp } from '@/testing/render-app'
import { ORIGIN, page, refuse, service } from '@/testing/service'

const ADDRESS = `/batches/${batch.id}`
const API = `${ORIGIN}/api/batches/${batch.id}`

describe('the sensitivity of a batch', () => {
  it('is drawn with its intervals and told in numbers', async () => {
    renderApp(`${ADDRESS}/sensitivity`)
    const chart = await screen.findByRole('img', { name: 'ST and S1 of each parameter' })
    expect(within(chart).getByText('ST 0.7 (0.6 to 0.8)')).toBeInTheDocument()
    const table = screen.getByRole('table', { name: 'Indices' })
    expect(within(table).getByRole('row', { name: /Lighting 0.3\s*± 0.05 0.25\s*± 0.06/ })).toBeVisible()
    expect(within(screen.getByRole('table', { name: 'Pairs of parameters' })).getByText('0.04')).toBeVisible()
    expect(screen.getByText('1 case is suspect.')).toBeVisible()
    expect(screen.getByText(/from 64 cases · 1 left out/)).toBeVisible()
  })

  it('is asked for by the address, which changes with what is asked', async () => {
    const asked: string[] = []
    service.use(
      http.get(`${API}/sensitivity/`, ({ request }) => {
        asked.push(new URL(request.url).search)
        return HttpResponse.json(sensitivity)
      }),
    )
    const { router } = renderApp(`${ADDRESS}/sensitivity?metric=district_heating_kwh`)
    await screen.findByRole('table', { name: 'Indices' })
    expect(asked).toEqual(['?metric=district_heating_kwh'])
    fireEvent.change(screen.getByLabelText('Method'), { target: { value: 'pawn' } })
    await waitFor(() => expect(asked.at(-1)).toContain('method=pawn'))
    expect(router.state.location.search).toEqual({ metric: 'district_heating_kwh', method: 'pawn' })
  })

  it('says why it cannot be told, and what can', async () => {
    service.use(
      http.get(`${API}/sensitivity/`, ({ request }) =>
        request.url.includes('method=sobol')
          ? refuse(400, 'Sobol’ indices need a `saltelli` design.', [
              { path: 'method', message: 'No.', found: 'sobol', accepted: ['regression'] },
            ])
          : HttpResponse.json({ ...sensitivity, method: 'regression' }),
      ),
    )
    const { user } = renderApp(`${ADDRESS}/sensitivity?method=sobol`)
    expect(await screen.findByText('Sobol’ indices need a saltelli design.')).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Regression coefficients' }))
    expect(await screen.findByRole('table', { name: 'Indices' })).toBeVisible()
  })
})

describe('the savings of a batch', () => {
  const saved = rows.map(({ case: index, state, verdict, weather }) => ({
    case: index,
    state,
    verdict,
    weather,
    period: 'annual',
    baseline: -1,
    saved_site_energy_kwh: 10 * index,
    reason: null,
  }))

  it('are valued by a tariff that one may change at any time', async () => {
    const kept: unknown[] = []
    service.use(
      http.get(`${API}/cases/-1/`, () => refuse(404, 'None.')),
      http.get(`${API}/savings/`, () => HttpResponse.json(saved)),
      http.put(`${API}/valuation/`, async ({ request }) => {
        kept.push(await request.json())
        return HttpResponse.json({ valuation: null, period: 'annual', series: [] })
      }),
    )
    const { user } = renderApp(`${ADDRESS}/savings`)
    expect(await screen.findByRole('columnheader', { name: /Saved site energy\s*kWh/ })).toBeVisible()
    expect(screen.queryByRole('columnheader', { name: /period/i })).toBeNull()
    await user.type(await screen.findByLabelText('Currency'), 'eur')
    const electricity = screen.getByRole('region', { name: 'Electricity' })
    fireEvent.change(within(electricity).getByLabelText('Tariff'), { target: { value: 'flat' } })
    await user.type(within(electricity).getByLabelText('Rate [EUR/kWh]'), '0.3')
    await user.click(screen.getByRole('button', { name: 'Apply' }))
    await waitFor(() => expect(kept).toEqual([{ currency: 'EUR', tariffs: { electricity: { flat: 0.3 } } }]))
  })

  it('say beside the rate what is wrong with it, and why there are none', async () => {
    service.use(
      http.get(`${API}/cases/-1/`, () => refuse(404, 'None.')),
      http.get(`${API}/savings/`, () => refuse(409, 'This batch has nothing to count savings against.')),
      http.put(`${API}/valuation/`, () =>
        refuse(400, 'The valuation has 1 problem.', [
          { path: 'tariffs.electricity.flat', message: 'Write a number.', found: 'x', accepted: null },
        ]),
      ),
    )
    const { user } = renderApp(`${ADDRESS}/savings`)
    expect(await screen.findByText('This batch has nothing to count savings against.')).toBeVisible()
    const electricity = await screen.findByRole('region', { name: 'Electricity' })
    fireEvent.change(within(electricity).getByLabelText('Tariff'), { target: { value: 'flat' } })
    await user.click(screen.getByRole('button', { name: 'Apply' }))
    await waitFor(() => expect(within(electricity).getByLabelText(/^Rate/)).toBeInvalid())
  })
})

describe('two batches', () => {
  const other = { ...batch, id: '5f0c6a8e-0000-4000-8000-00000000000a', name: 'Before' }

  it('are compared case by case', async () => {
    const pair = { case: 0, other_case: 0, match: 'matched', weather: 'chicago', state: 'succeeded' }
    service.use(
      http.get(`${ORIGIN}/api/batches/`, () => HttpResponse.json(page([batch, other]))),
      http.get(`${API}/comparison/${other.id}/`, () =>
        HttpResponse.json([{ ...pair, heating_kwh: 8, other_heating_kwh: 10, difference_heating_kwh: -2 }]),
      ),
      http.get(`${API}/comparison/${other.id}/summary/`, () =>
        HttpResponse.json({
          matched: 1,
          unmatched: [{ reason: 'other_weather', count: 2, cases: [1, 2] }],
          other_unmatched: [],
          metrics: ['heating_kwh'],
          parameters: [],
          notes: ['The run periods differ.'],
        }),
      ),
    )
    const { user } = renderApp(`${ADDRESS}/comparison`)
    await user.click(await screen.findByRole('combobox', { name: 'Compare with' }))
    await user.click(await screen.findByRole('option', { name: /Before/ }))
    expect(await screen.findByText('1 pairs of cases')).toBeVisible()
    expect(screen.getByText(/2 of this batch are under weather/)).toBeVisible()
    expect(screen.getByText('The run periods differ.')).toBeVisible()
    expect(screen.getByText(/On average 2 less than the other; less in 1 of 1 pairs/)).toBeVisible()
    expect(await screen.findByRole('columnheader', { name: /Difference heating/ })).toBeVisible()
  })
})

describe('the front of a search', () => {
  it('is drawn, listed, and leads to its cases', async () => {
    const { user } = renderApp(`${ADDRESS}/front`)
    expect(await screen.findByText('generation 2 of 3 · 3 cases')).toBeVisible()
    const chart = await screen.findByRole('group', { name: 'Heating and Cooling of each case' })
    expect(within(chart).getAllByRole('button')).toHaveLength(2)
    const table = screen.getByRole('table', { name: 'Cases on the front' })
    expect(within(table).getAllByRole('row').at(1)).toHaveTextContent('Case 14006')
    await user.click(within(table).getByRole('button', { name: 'Case 1' }))
    expect(await screen.findByRole('dialog', { name: 'Case 1' })).toBeVisible()
  })

  it('is not there for a batch that searches for nothing', async () => {
    service.use(http.get(`${API}/front/`, () => refuse(409, 'The design of this batch is `grid`.')))
    renderApp(`${ADDRESS}/front`)
    expect(await screen.findByText('This batch searches for nothing')).toBeVisible()
  })
})

describe('a batch that has ended', () => {
  it('goes on by more of its own design', async () => {
    const sent: unknown[] = []
    service.use(
      http.get(`${API}/`, () =>
        HttpResponse.json({ ...batch, study: { design: { method: 'sobol', samples: 2 } } }),
      ),
      http.post(`${API}/extend/`, async ({ request }) => {
        sent.push(await request.json())
        return HttpResponse.json({ ...batch, state: 'expanding' }, { status: 202 })
      }),
    )
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Extend' }))
    await user.type(await screen.findByLabelText('More cases'), '8')
    await user.click(screen.getByRole('button', { name: 'Extend the batch' }))
    await waitFor(() => expect(sent).toEqual([{ samples: 8 }]))
  })
})
