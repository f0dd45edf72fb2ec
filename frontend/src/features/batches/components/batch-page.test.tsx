import { screen, waitFor, within } from '@testing-library/react'
import { http, HttpResponse } from 'msw'

import { batch, cases } from '@/testing/examples'
import { renderApp } from '@/testing/render-app'
import { ORIGIN, page, refuse, service } from '@/testing/service'

const ADDRESS = `/batches/${batch.id}`
const running = {
  ...batch,
  state: 'running',
  finished_at: null,
  eta_s: 200,
  counts: { pending: 1, running: 1, succeeded: 1, failed: 0, cancelled: 0 },
  verdicts: { valid: 1, suspect: 0, failed: 0 },
  progress: { finished: 1, total: 3, percent: 33.3 },
}

describe('the list of batches', () => {
  it('shows each with its state and progress', async () => {
    renderApp('/')
    const row = await screen.findByRole('row', { name: /Warehouse lights/ })
    expect(within(row).getByText('completed')).toBeVisible()
    expect(within(row).getByText('100 %')).toBeVisible()
    expect(within(row).getByText('1 failed')).toBeVisible()
  })

  it('says where a batch stands that waits', async () => {
    const queue = {
      position: 3,
      cases_ahead: 40,
      expected_start_at: new Date(Date.now() + 242_000).toISOString(),
    }
    const waiting = { ...running, counts: { ...running.counts, running: 0 }, queue }
    service.use(http.get(`${ORIGIN}/api/batches/`, () => HttpResponse.json(page([waiting]))))
    renderApp('/')
    expect(await screen.findByText('waits: 3rd in line, starts in about 4 min')).toBeVisible()
  })

  it('says how to begin when it is empty', async () => {
    service.use(http.get(`${ORIGIN}/api/batches/`, () => HttpResponse.json(page([]))))
    renderApp('/')
    expect(await screen.findByText('No batches yet')).toBeVisible()
  })

  it('says what went wrong and offers to try again', async () => {
    let asked = 0
    service.use(
      http.get(`${ORIGIN}/api/batches/`, () => {
        asked += 1
        return asked === 1 ? refuse(400, 'Bad cursor.') : HttpResponse.json(page([batch]))
      }),
    )
    const { user } = renderApp('/')
    expect(await screen.findByText('Bad cursor.')).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByRole('link', { name: 'Warehouse lights' })).toBeVisible()
  })
})

describe('a batch', () => {
  it('shows exact progress, the cases, and one of them in detail', async () => {
    const { user } = renderApp(ADDRESS)
    expect(await screen.findByText('3 of 3 cases finished')).toBeVisible()
    expect(screen.getByText('1 failed of 3 cases')).toBeVisible()
    const table = await screen.findByRole('table', { name: 'Cases' })
    await user.click(await within(table).findByText('** Fatal ** Temperature out of bounds'))
    const drawer = await screen.findByRole('dialog')
    expect(await within(drawer).findByText(/Watts per Floor Area 11.84 → 900/)).toBeVisible()
    expect(within(drawer).getByRole('link', { name: 'eplusout.err' })).toHaveAttribute(
      'href',
      expect.stringMatching(/cases\/1\/files\/eplusout\.err$/),
    )
  })

  it('shows the messages of the engine in a case, the worst first, and all of them when asked', async () => {
    const { user } = renderApp(ADDRESS)
    const table = await screen.findByRole('table', { name: 'Cases' })
    await user.click(await within(table).findByText('** Fatal ** Temperature out of bounds'))
    const drawer = await screen.findByRole('dialog')
    expect(await within(drawer).findByText('Zone="OFFICE" is odd')).toBeVisible()
    expect(within(drawer).getByText('during warmup · Zone Office')).toBeVisible()
    expect(within(drawer).getByText('1,829 times · during simulation')).toBeVisible()
    expect(within(drawer).getByText(/1 severe error and 1,834 warnings/)).toBeVisible()
    expect(within(drawer).queryByText('Warning 5')).toBeNull()
    await user.click(within(drawer).getByRole('button', { name: 'Show 2 more' }))
    expect(within(drawer).getByText('Warning 5')).toBeVisible()
  })

  it('tells which cases were taken over from identical ones', async () => {
    service.use(
      http.get(`${ORIGIN}/api/batches/${batch.id}/`, () => HttpResponse.json({ ...batch, cached: 1 })),
      http.get(`${ORIGIN}/api/batches/${batch.id}/cases/`, () =>
        HttpResponse.json(page([{ ...cases[0], cached: true }, cases[1]])),
      ),
    )
    renderApp(ADDRESS)
    expect(await screen.findByText(/1 taken over from identical cases/)).toBeVisible()
    const table = await screen.findByRole('table', { name: 'Cases' })
    expect(await within(table).findAllByText('cached')).toHaveLength(1)
  })

  it('tells of parameters that did nothing', async () => {
    const message = "The parameter 'unused_m' had no effect."
    const findings = [{ kind: 'no_effect', parameter: 'unused_m', message }]
    service.use(
      http.get(`${ORIGIN}/api/batches/${batch.id}/`, () => HttpResponse.json({ ...batch, findings })),
    )
    renderApp(ADDRESS)
    expect(await screen.findByText(message)).toBeVisible()
    expect(screen.getByText('Worth a look')).toBeVisible()
  })

  it('asks again while it runs, until it has ended', async () => {
    let asked = 0
    service.use(
      http.get(`${ORIGIN}/api/batches/${batch.id}/`, () => {
        asked += 1
        return HttpResponse.json(asked < 2 ? running : batch)
      }),
    )
    renderApp(ADDRESS)
    expect(await screen.findByText('1 of 3 cases finished')).toBeVisible()
    expect(screen.getByText('3 min 20 s')).toBeVisible()
    expect(await screen.findByText('3 of 3 cases finished')).toBeVisible()
  })

  it('is cancelled only after one has said so twice', async () => {
    const cancelled = {
      ...running,
      state: 'cancelled',
      counts: { ...running.counts, pending: 0, running: 0, cancelled: 2 },
    }
    let state: unknown = running
    service.use(
      http.get(`${ORIGIN}/api/batches/${batch.id}/`, () => HttpResponse.json(state as object)),
      http.post(`${ORIGIN}/api/batches/${batch.id}/cancel/`, () => {
        state = cancelled
        return HttpResponse.json(cancelled)
      }),
    )
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Cancel batch' }))
    await user.click(await screen.findByRole('button', { name: 'Stop 2 cases' }))
    expect(await screen.findByText('This batch was cancelled')).toBeVisible()
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Cancel batch' })).toBeNull())
  })

  it('asks again after it was cancelled, until no engine runs any more', async () => {
    let asked = 0
    const cancelled = {
      ...running,
      state: 'cancelled',
      counts: { pending: 0, running: 1, succeeded: 1, failed: 0, cancelled: 1 },
    }
    const settled = { ...cancelled, counts: { ...cancelled.counts, running: 0, cancelled: 2 } }
    service.use(
      http.get(`${ORIGIN}/api${ADDRESS}/`, () => {
        asked += 1
        return HttpResponse.json(asked === 1 ? cancelled : settled)
      }),
    )
    renderApp(ADDRESS)
    expect(await screen.findByText(/1 running now/)).toBeVisible()
    await waitFor(() => expect(screen.queryByText(/running now/)).toBeNull(), { timeout: 5000 })
  })

  it('asks the service for the cases of one state', async () => {
    const asked: (string | null)[] = []
    service.use(
      http.get(`${ORIGIN}/api/batches/${batch.id}/cases/`, ({ request }) => {
        asked.push(new URL(request.url).searchParams.get('state'))
        return HttpResponse.json(page([]))
      }),
    )
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('radio', { name: 'failed 1' }))
    await waitFor(() => expect(asked).toContain('failed'))
    expect(await screen.findByText('No case is in this state')).toBeVisible()
  })

  it('of somebody else is not there', async () => {
    service.use(
      http.get(`${ORIGIN}/api/batches/${batch.id}/`, () => refuse(404, 'No Batch matches the given query.')),
    )
    renderApp(ADDRESS)
    expect(await screen.findByText('This batch cannot be shown')).toBeVisible()
  })
})
