import './mantine.css'
import '@mantine/notifications/styles.css'
import './global.css'

import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { Providers } from './providers'
import { makeQueryClient } from './query-client'
import { makeRouter } from './router'

const queryClient = makeQueryClient(() => {
  queryClient.removeQueries({ queryKey: ['session'] })
  void router.invalidate()
})
const router = makeRouter(queryClient)

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <Providers queryClient={queryClient}>
      <RouterProvider router={router} />
    </Providers>
  </StrictMode>,
)
