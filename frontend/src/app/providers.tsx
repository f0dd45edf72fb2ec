import { MantineProvider } from '@mantine/core'
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query'
import { lazy, Suspense, type ReactNode } from 'react'

import { resolveVariables, theme } from './theme'

const Notifications = lazy(() => import('./notices'))

type ProvidersProps = {
  queryClient: QueryClient
  /** `test` leaves out transitions. */
  env?: 'default' | 'test'
  children: ReactNode
}

export function Providers({ queryClient, env = 'default', children }: ProvidersProps) {
  return (
    <QueryClientProvider client={queryClient}>
      <MantineProvider
        env={env}
        theme={theme}
        cssVariablesResolver={resolveVariables}
        defaultColorScheme="auto"
      >
        <Suspense>
          <Notifications position="bottom-left" />
        </Suspense>
        {children}
      </MantineProvider>
    </QueryClientProvider>
  )
}
