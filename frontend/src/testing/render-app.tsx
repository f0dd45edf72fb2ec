import { createMemoryHistory, RouterProvider } from '@tanstack/react-router'
import { render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import type { ReactNode } from 'react'

import { Providers } from '@/app/providers'
import { makeQueryClient } from '@/app/query-client'
import { makeRouter } from '@/app/router'

/** The whole app at one of its addresses; returns the router and somebody to click and type. */
export function renderApp(address: string) {
  const history = createMemoryHistory({ initialEntries: [address] })
  const queryClient = makeQueryClient(() => {
    queryClient.removeQueries({ queryKey: ['session'] })
    void router.invalidate()
  })
  const router = makeRouter(queryClient, history)
  render(
    <Providers queryClient={queryClient} env="test">
      <RouterProvider router={router} />
    </Providers>,
  )
  return { router, queryClient, user: userEvent.setup() }
}

/** One component by itself, with what every component may rely on. */
export function renderPart(part: ReactNode) {
  return render(
    <Providers queryClient={makeQueryClient(() => undefined)} env="test">
      {part}
    </Providers>,
  )
}
