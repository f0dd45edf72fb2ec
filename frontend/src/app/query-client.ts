import { QueryCache, QueryClient } from '@tanstack/react-query'

import { ApiError } from '@/api'

/** Answers that will be the same at the next try. */
function isFinal(error: Error): boolean {
  return error instanceof ApiError && error.status >= 400 && error.status < 500
}

/** The cache of everything the service answered; `onLoggedOut` is called when a session has ended meanwhile. */
export function makeQueryClient(onLoggedOut: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (error instanceof ApiError && (error.status === 401 || isCsrfOrSession(error))) onLoggedOut()
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => !isFinal(error) && failures < 2,
      },
    },
  })
}

/** DRF answers 403 rather than 401 where session cookies are accepted. */
function isCsrfOrSession(error: ApiError): boolean {
  return error.status === 403 && /credentials were not provided/i.test(error.message)
}
