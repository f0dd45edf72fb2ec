import { act, screen, waitFor } from '@testing-library/react'
import { http, HttpResponse } from 'msw'

import { renderApp } from '@/testing/render-app'
import { nobody, ORIGIN, service } from '@/testing/service'

import { safeTarget } from './login-page'

const LOGIN = `${ORIGIN}/_allauth/browser/v1/auth/login`

describe('logging in', () => {
  it('comes first, and leads back to where one was', async () => {
    service.use(
      nobody,
      http.post(LOGIN, async ({ request }) => {
        expect(await request.json()).toEqual({ username: 'ada', password: 'lovelace' })
        return HttpResponse.json({ status: 200, data: { user: { username: 'ada' } } })
      }),
    )
    const { router, user } = renderApp('/new')
    await user.type(await screen.findByLabelText(/Username/), 'ada')
    await user.type(screen.getByLabelText(/Password/, { selector: 'input' }), 'lovelace')
    expect(router.state.location.pathname).toBe('/login')
    await user.click(screen.getByRole('button', { name: 'Log in' }))
    expect(await screen.findByRole('heading', { name: 'New batch' })).toBeVisible()
    expect(router.state.location.pathname).toBe('/new')
  })

  it('says so when the password is wrong', async () => {
    service.use(
      nobody,
      http.post(LOGIN, () => HttpResponse.json({ status: 400, errors: [{ code: 'x' }] }, { status: 400 })),
    )
    const { user } = renderApp('/login')
    await user.type(await screen.findByLabelText(/Username/), 'ada')
    await user.type(screen.getByLabelText(/Password/, { selector: 'input' }), 'byron')
    await user.click(screen.getByRole('button', { name: 'Log in' }))
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The password is wrong, or there is no user “ada”.',
    )
  })

  it('is asked for again when the session has ended meanwhile', async () => {
    const { router, queryClient } = renderApp('/')
    await screen.findByRole('link', { name: 'Warehouse lights' })
    service.use(
      nobody,
      http.get(`${ORIGIN}/api/batches/`, () => HttpResponse.json({ detail: 'Log in.' }, { status: 401 })),
    )
    await act(() => queryClient.invalidateQueries({ queryKey: ['batches'] }))
    await waitFor(() => expect(router.state.location.pathname).toBe('/login'))
    expect(router.state.location.search).toEqual({ from: '/' })
  })

  it('leads nowhere outside of the app', () => {
    expect(safeTarget('/batches/1?x=2')).toBe('/batches/1?x=2')
    for (const address of [
      undefined,
      '',
      '//elsewhere.org',
      '/\\elsewhere.org',
      'https://elsewhere.org',
      '/login?from=/',
    ])
      expect(safeTarget(address)).toBe('/')
  })
})

describe('logging out', () => {
  it('leads to the log-in page', async () => {
    service.use(
      http.delete(`${ORIGIN}/_allauth/browser/v1/auth/session`, () => HttpResponse.json({}, { status: 401 })),
    )
    const { router, user } = renderApp('/')
    await user.click(await screen.findByRole('button', { name: 'Account' }))
    await user.click(await screen.findByRole('menuitem', { name: 'Log out' }))
    await waitFor(() => expect(router.state.location.pathname).toBe('/login'))
    expect(await screen.findByLabelText(/Username/)).toBeVisible()
  })
})
