import { screen, waitFor, within } from '@testing-library/react'
import { http, HttpResponse } from 'msw'

import { batch, caseDetail, cases } from '@/testing/examples'
import { renderApp } from '@/testing/render-app'
import { ORIGIN, page, refuse, service } from '@/testing/service'

const ADDRESS = `/batches/${batch.id}`
const API = `${ORIGIN}/api${ADDRESS}/`
const running = {
  ...batch,
  state: 'running',
  finished_at: null,
  outputs_due_at: null,
  counts: { pending: 1, running: 1, succeeded: 1, failed: 0, cancelled: 0 },
  verdicts: { valid: 1, suspect: 0, failed: 0 },
  progress: { finished: 1, total: 3, percent: 33.3 },
}

/** A service whose batch is what was set last. */
function serveBatch(first: object) {
  const shown = { batch: first }
  service.use(http.get(API, () => HttpResponse.json(shown.batch)))
  return shown
}

describe('failed cases', () => {
  it('run again once one has said so twice', async () => {
    const shown = serveBatch(batch)
    service.use(
      http.post(`${API}retry/`, () => {
        shown.batch = running
        return HttpResponse.json({ retried: 1, batch: running }, { status: 202 })
      }),
    )
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Run failed cases again (1)' }))
    await user.click(await screen.findByRole('button', { name: 'Run 1 case again' }))
    expect(await screen.findByText('1 of 3 cases finished')).toBeVisible()
    await waitFor(() => expect(screen.queryByRole('button', { name: /Run failed cases again/ })).toBeNull())
  })

  it('stay as they are where the service refuses, and it is said why', async () => {
    service.use(http.post(`${API}retry/`, () => refuse(409, 'No case of this batch has failed.')))
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Run failed cases again (1)' }))
    await user.click(await screen.findByRole('button', { name: 'Run 1 case again' }))
    expect(await screen.findByText('No case of this batch has failed.')).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Leave them' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  })

  it.each([
    ['cancelled', { state: 'cancelled' }],
    ['without the files of its cases', { outputs_removed_at: '2026-11-21T10:00:00Z' }],
    ['a search', { study: { design: { method: 'nsga2' } } }],
  ])('cannot run again in a batch that is %s', async (_, changes) => {
    serveBatch({ ...batch, ...changes })
    renderApp(ADDRESS)
    expect(await screen.findByRole('button', { name: 'Download' })).toBeVisible()
    expect(screen.queryByRole('button', { name: /Run failed cases again/ })).toBeNull()
  })
})

describe('a case that has not ended', () => {
  const pending = { ...caseDetail, state: 'pending', verdict: null, error: null, files: [] }

  function serveCase(answer: () => Response) {
    const shown: { found: object } = { found: pending }
    serveBatch(running)
    service.use(
      http.get(`${API}cases/`, () => HttpResponse.json(page([{ ...cases[2], ...pending }]))),
      http.get(`${API}cases/1/`, () => HttpResponse.json(shown.found)),
      http.post(`${API}cases/1/cancel/`, answer),
    )
    return shown
  }

  async function openCase() {
    const { user } = renderApp(ADDRESS)
    const table = await screen.findByRole('table', { name: 'Cases' })
    await user.click(await within(table).findByText('pending'))
    return { user, drawer: within(await screen.findByRole('dialog')) }
  }

  it('is stopped after one has said so twice', async () => {
    const shown = serveCase(() => {
      shown.found = { ...pending, state: 'cancelled' }
      return HttpResponse.json(shown.found)
    })
    const { user, drawer } = await openCase()
    await user.click(await drawer.findByRole('button', { name: 'Cancel this case' }))
    await user.click(drawer.getByRole('button', { name: 'Stop this case' }))
    expect(await drawer.findByText('cancelled')).toBeVisible()
    expect(drawer.queryByRole('button', { name: /this case/ })).toBeNull()
  })

  it('goes on where one thinks better of it, and says why it cannot be stopped', async () => {
    serveCase(() => refuse(409, 'Case 1 is succeeded.'))
    const { user, drawer } = await openCase()
    await user.click(await drawer.findByRole('button', { name: 'Cancel this case' }))
    await user.click(drawer.getByRole('button', { name: 'Let it go on' }))
    await user.click(drawer.getByRole('button', { name: 'Cancel this case' }))
    await user.click(drawer.getByRole('button', { name: 'Stop this case' }))
    expect(await drawer.findByText('Case 1 is succeeded.')).toBeVisible()
  })
})

describe('the downloads of a batch', () => {
  it('have the table for Excel and the files of its cases', async () => {
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Download' }))
    const excel = await screen.findByRole('menuitem', { name: /Excel/ })
    expect(excel).toHaveAttribute('href', `${batch.results_url}?as=xlsx`)
    const zip = screen.getByRole('menuitem', { name: /Zip/ })
    expect(zip).toHaveAttribute('href', `/api${ADDRESS}/archive/`)
  })

  it('have no files of cases where these were removed', async () => {
    serveBatch({ ...batch, outputs_removed_at: '2026-11-21T10:00:00Z' })
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Download' }))
    expect(await screen.findByRole('menuitem', { name: /Excel/ })).toBeVisible()
    expect(screen.queryByRole('menuitem', { name: /Zip/ })).toBeNull()
  })
})

describe('what its owner changes of a batch', () => {
  /** Takes changes as the service does, and keeps what was asked. */
  function takeChanges(first: object) {
    const asked: unknown[] = []
    const shown = serveBatch(first)
    service.use(
      http.patch(API, async ({ request }) => {
        const change = (await request.json()) as object
        asked.push(change)
        shown.batch = { ...shown.batch, ...change }
        return HttpResponse.json(shown.batch)
      }),
    )
    return asked
  }

  it('is the priority while it is active', async () => {
    const asked = takeChanges(running)
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Priority: normal' }))
    await user.click(await screen.findByRole('menuitem', { name: 'high' }))
    expect(await screen.findByRole('button', { name: 'Priority: high' })).toBeVisible()
    expect(asked).toEqual([{ priority: 'high' }])
  })

  it('is told where the service refuses it', async () => {
    serveBatch(running)
    service.use(http.patch(API, () => refuse(400, 'The batch is completed.')))
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Priority: normal' }))
    await user.click(await screen.findByRole('menuitem', { name: 'low' }))
    expect(await screen.findByText('The batch is completed.')).toBeVisible()
  })

  it('is whether its files go when they are due', async () => {
    const asked = takeChanges(batch)
    const { user } = renderApp(ADDRESS)
    expect(await screen.findByText(/due to be removed Feb 18, 2027/)).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Keep them' }))
    expect(await screen.findByText('The files of its cases are kept.')).toBeVisible()
    expect(asked).toEqual([{ keep: true }])
  })
})
