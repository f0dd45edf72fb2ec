import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { http, HttpResponse } from 'msw'

import type { Surrogate } from '@/api'
import { batch } from '@/testing/examples'
import { renderApp } from '@/testing/render-app'
import { ORIGIN, page, refuse, service } from '@/testing/service'

const ID = '5f0c6a8e-0000-4000-8000-000000000021'
const API = `${ORIGIN}/api/surrogates/`
const ONE = `${API}${ID}/`
const ADDRESS = `/surrogates/${ID}`

const ready: Surrogate = {
  id: ID,
  task_id: ID,
  name: 'Warehouse lights',
  version: 2,
  owner: 'ada',
  state: 'ready',
  error: null,
  kind: 'gp',
  cases_used: 58,
  worst_cvrmse: 0.046,
  metrics: [{ name: 'heating_kwh', label: 'Heating', unit: 'kWh' }],
  progress: { current: 6, total: 6, percent: 100, message: 'trained' },
  parents: [{ batch: batch.id, name: batch.name, cases_used: 58 }],
  file_bytes: 120_000,
  created_at: '2026-11-20T10:00:00Z',
  started_at: '2026-11-20T10:00:01Z',
  finished_at: '2026-11-20T10:00:21Z',
  status_url: `/api/surrogates/${ID}/`,
  cancel_url: `/api/surrogates/${ID}/cancel/`,
  predict_url: `/api/surrogates/${ID}/predict/`,
  file_url: `/api/surrogates/${ID}/file/`,
  wish: { kind: 'auto' },
  inputs: [
    { name: 'lighting_w_m2', kind: 'number', unit: 'W/m2', low: 4, high: 16, values: [] },
    { name: 'weather', kind: 'weather', unit: null, low: null, high: null, values: ['chicago', 'denver'] },
  ],
  report: {
    kind: 'gp',
    cases: 58,
    level: 0.9,
    accuracy: [
      {
        metric: 'heating_kwh',
        mean: 4000,
        r2: 0.9876,
        rmse: 184,
        cvrmse: 0.046,
        nmbe: -0.002,
        coverage: 0.91,
      },
    ],
    candidates: [
      { kind: 'gp', error: 0.08, cvrmse: { heating_kwh: 0.046 }, fit_s: 4 },
      { kind: 'ridge', error: 0.2, cvrmse: { heating_kwh: 0.11 }, fit_s: 0.1 },
    ],
    curve: [{ cases: 29, cvrmse: { heating_kwh: 0.07 } }],
    warnings: ['Heating varies little.'],
  },
  curves: {},
  provenance: { left_out: { suspect: 2 }, metrics_with_gaps: { oil_l: 3 } },
  file_sha256: 'ab'.repeat(32),
  versions: [{ id: ID, version: 2, state: 'ready' }],
}

const training: Surrogate = {
  ...ready,
  state: 'training',
  kind: null,
  cases_used: null,
  worst_cvrmse: null,
  metrics: [],
  inputs: [],
  report: null,
  provenance: {},
  file_url: null,
  finished_at: null,
  progress: { current: 3, total: 6, percent: 41.5, message: 'Gaussian process: 3 of 6' },
  curves: {
    'Gaussian process': [
      [1, 2.5],
      [2, 1.5],
      [3, 1.25],
    ],
  },
}

/** A service whose surrogate is what was set last. */
function serve(first: Surrogate) {
  const shown = { surrogate: first }
  service.use(
    http.get(ONE, () => HttpResponse.json(shown.surrogate)),
    http.get(API, () => HttpResponse.json(page([shown.surrogate]))),
  )
  return shown
}

type Asked = { inputs: Record<string, unknown>; level: number }

/** Predictions that are a hundred times the lighting, inside up to 16 W/m²; keeps what was asked. */
function servePredictions() {
  const asked: Asked[] = []
  service.use(
    http.post(`${ONE}predict/`, async ({ request }) => {
      const question = (await request.json()) as Asked
      asked.push(question)
      const lighting = Number(question.inputs.lighting_w_m2)
      const [mean, isInside] = [100 * lighting, lighting <= 16]
      return HttpResponse.json({
        surrogate: ID,
        level: question.level,
        rows: 1,
        metrics: {
          heating_kwh: { label: 'Heating', unit: 'kWh', mean: [mean], low: [mean - 50], high: [mean + 50] },
        },
        inside: [isInside],
        strays: isInside ? {} : { lighting_w_m2: 1 },
      })
    }),
  )
  return asked
}

describe('the list of surrogates', () => {
  it('says of each what it is and how good it is at worst', async () => {
    serve(ready)
    renderApp('/surrogates')
    const table = await screen.findByRole('table', { name: 'Surrogates' })
    const row = within(table).getByRole('row', { name: /Warehouse lights/ })
    for (const text of ['2', 'ready', 'Gaussian process', '58', '4.6 %'])
      expect(within(row).getByText(text)).toBeVisible()
    expect(screen.getByRole('link', { name: 'Surrogates' })).toHaveAttribute('href', '/surrogates')
  })

  it('says how one gets one where there is none', async () => {
    service.use(http.get(API, () => HttpResponse.json(page([]))))
    renderApp('/surrogates')
    expect(await screen.findByText('No surrogates yet')).toBeVisible()
    expect(screen.getByText(/choose “Train a surrogate”/)).toBeVisible()
  })
})

describe('a surrogate of a batch', () => {
  async function openDialog() {
    const { router, user } = renderApp(`/batches/${batch.id}`)
    await user.click(await screen.findByRole('button', { name: 'Train a surrogate' }))
    const dialog = within(await screen.findByRole('dialog'))
    await dialog.findByLabelText('Name')
    return { router, user, dialog }
  }

  it('is trained by the name, kind and metrics that one gives', async () => {
    const sent: unknown[] = []
    serve(training)
    service.use(
      http.post(API, async ({ request }) => {
        sent.push(await request.json())
        return HttpResponse.json(training, { status: 202 })
      }),
    )
    const { router, user, dialog } = await openDialog()
    fireEvent.change(dialog.getByLabelText('Name'), { target: { value: 'Lights' } })
    fireEvent.change(dialog.getByLabelText('Kind'), { target: { value: 'gp' } })
    await user.click(dialog.getByRole('combobox', { name: 'Metrics' }))
    await user.click(await screen.findByRole('option', { name: /Total site energy/ }))
    await user.click(dialog.getByRole('button', { name: 'Train the surrogate' }))
    await waitFor(() => expect(router.state.location.pathname).toBe(ADDRESS))
    expect(sent).toEqual([
      { batches: [batch.id], name: 'Lights', kind: 'gp', metrics: ['total_site_energy_kwh'] },
    ])
  })

  it.each([
    ['beside the field', 'metrics.0', 'It does not vary.'],
    ['as a notice', 'batches', 'It has 2 usable cases; 24 are needed.'],
  ])('is not trained where it is refused, and that is said %s', async (_, path, message) => {
    service.use(http.post(API, () => refuse(400, message, [{ path, message, found: 2, accepted: 24 }])))
    const { user, dialog } = await openDialog()
    await user.click(dialog.getByRole('button', { name: 'Train the surrogate' }))
    expect((await dialog.findAllByText(message))[0]).toBeVisible()
    expect(dialog.queryAllByText('Not trained')).toHaveLength(path === 'batches' ? 1 : 0)
  })

  it('is not offered while the batch is at work', async () => {
    service.use(
      http.get(`${ORIGIN}/api/batches/${batch.id}/`, () => HttpResponse.json({ ...batch, state: 'running' })),
    )
    renderApp(`/batches/${batch.id}`)
    expect(await screen.findByRole('button', { name: 'Cancel batch' })).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Train a surrogate' })).toBeNull()
  })
})

describe('a training', () => {
  it('shows how far it is with its losses, and by itself that it has ended', async () => {
    const shown = serve(training)
    servePredictions()
    renderApp(ADDRESS)
    expect(await screen.findByText('Gaussian process: 3 of 6')).toBeVisible()
    expect(screen.getByText('41.5 %')).toBeVisible()
    expect(screen.getByRole('img', { name: 'Loss of Gaussian process, now 1.25' })).toBeVisible()
    shown.surrogate = ready
    expect(await screen.findByRole('table', { name: 'Accuracy' })).toBeVisible()
  })

  it('is cancelled after one has said so twice', async () => {
    const shown = serve(training)
    service.use(
      http.post(`${ONE}cancel/`, () => {
        shown.surrogate = { ...training, state: 'cancelled', finished_at: '2026-11-20T10:00:09Z' }
        return HttpResponse.json(shown.surrogate)
      }),
    )
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Cancel training' }))
    await user.click(await screen.findByRole('button', { name: 'Stop the training' }))
    expect(await screen.findByText('The training was cancelled')).toBeVisible()
    await waitFor(() => expect(screen.queryByRole('button', { name: /training/ })).toBeNull())
  })

  it('that failed says why', async () => {
    serve({ ...training, state: 'failed', error: 'It took longer than its limit of 60 s.' })
    renderApp(ADDRESS)
    expect(await screen.findByText('It took longer than its limit of 60 s.')).toBeVisible()
    expect(screen.queryByRole('link', { name: /Download/ })).toBeNull()
  })
})

describe('a trained surrogate', () => {
  it('tells how good it is, what it had to beat, and what it was not trained on', async () => {
    serve(ready)
    servePredictions()
    renderApp(ADDRESS)
    const accuracy = await screen.findByRole('table', { name: 'Accuracy' })
    for (const text of ['kWh', '0.9876', '4.6 %', '-0.2 %', '91 %'])
      expect(within(accuracy).getByText(text)).toBeVisible()
    const candidates = screen.getByRole('table', { name: 'Candidates' })
    expect(within(candidates).getByRole('row', { name: /Quadratic ridge 20 %/ })).toBeVisible()
    const curve = screen.getByRole('table', { name: 'Learning curve' })
    expect(within(curve).getByRole('columnheader', { name: '29 cases' })).toBeVisible()
    expect(screen.getByText('Heating varies little.')).toBeVisible()
    expect(screen.getByText('Left out: 2 suspect.')).toBeVisible()
    expect(screen.getByText(/cases lack them: oil_l \(3 cases\)/)).toBeVisible()
  })

  it('is asked for the middle of its ranges, then for what one moves it to, and warns outside', async () => {
    serve(ready)
    const asked = servePredictions()
    const { user } = renderApp(ADDRESS)
    const table = await screen.findByRole('table', { name: 'Prediction' })
    expect(await within(table).findByText('1,000')).toBeVisible()
    expect(within(table).getByText('950 to 1,050')).toBeVisible()
    expect(screen.queryByText('Outside of what it was trained on')).toBeNull()

    fireEvent.change(screen.getByRole('slider'), { target: { value: '12.04' } })
    await user.selectOptions(screen.getByLabelText('weather'), 'denver')
    expect(await screen.findByText('1,204')).toBeVisible()
    fireEvent.change(screen.getByLabelText('lighting_w_m2 [W/m²]'), { target: { value: '20' } })
    expect(await screen.findByText('Outside of what it was trained on')).toBeVisible()
    expect(screen.getByText(/values that it has seen: lighting_w_m2/)).toBeVisible()
    expect(asked[0]).toEqual({ inputs: { lighting_w_m2: 10, weather: 'chicago' }, level: 0.9 })
    expect(asked.at(-1)).toEqual({ inputs: { lighting_w_m2: 20, weather: 'denver' }, level: 0.9 })
  })

  it('says so where no worker answers', async () => {
    serve(ready)
    service.use(http.post(`${ONE}predict/`, () => refuse(503, 'No worker for surrogates has answered.')))
    renderApp(ADDRESS)
    expect(await screen.findByText('No worker for surrogates has answered.')).toBeVisible()
  })

  it('is taken away as a file, and deleted after one has said so twice', async () => {
    serve(ready)
    servePredictions()
    const deleted: string[] = []
    service.use(
      http.delete(ONE, ({ request }) => {
        deleted.push(request.url)
        return new HttpResponse(null, { status: 204 })
      }),
    )
    const { router, user } = renderApp(ADDRESS)
    const download = await screen.findByRole('link', { name: 'Download (120 kB)' })
    expect(download).toHaveAttribute('href', `/api/surrogates/${ID}/file/`)
    await user.click(screen.getByRole('button', { name: 'Delete' }))
    await user.click(await screen.findByRole('button', { name: 'Delete it' }))
    await waitFor(() => expect(router.state.location.pathname).toBe('/surrogates'))
    expect(deleted).toEqual([ONE])
  })

  it('stays where a batch is at work with it', async () => {
    serve(ready)
    servePredictions()
    service.use(http.delete(ONE, () => refuse(409, 'The batch ‘A’ is at work with this surrogate.')))
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Delete' }))
    await user.click(await screen.findByRole('button', { name: 'Delete it' }))
    expect(await screen.findByText('The batch ‘A’ is at work with this surrogate.')).toBeVisible()
  })
})
