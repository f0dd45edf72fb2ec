import { MantineProvider } from '@mantine/core'
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query'
import { lazy, Suspense, type ReactNode } from 'react'

import { resolveVariables, theme } from './theme'

const Notifications = lazy(() => import('./notices'))

export function Providers({ queryClient, children }: { queryClient: QueryClient; children: ReactNode }) {
  return (
    <QueryClientProvider client={queryClient}>
      <MantineProvider theme={theme} cssVariablesResolver={resolveVariables} defaultColorScheme="auto">
        <Suspense>
          <Notifications position="bottom-right" />
        </Suspense>
        {children}
      </MantineProvider>
    </QueryClientProvider>
  )
}
