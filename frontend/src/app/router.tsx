/** Every address of the app, the page that answers it, and who may see it. */
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type RouterHistory,
} from '@tanstack/react-router'

import { sessionOptions } from '@/features/auth/api/session'

import { Layout } from './layout'
import { NotFoundPage, PageError, PagePending } from './page-states'

const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  notFoundComponent: NotFoundPage,
})

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { from?: string } =>
    typeof search.from === 'string' ? { from: search.from } : {},
  component: lazyRouteComponent(() => import('@/features/auth/components/login-page')),
})

/** What only people who are logged in may see. */
const memberRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'member',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.query({ ...sessionOptions(), staleTime: 'static' })
    if (session === null) throw redirect({ to: '/login', search: { from: location.href } })
  },
  component: Layout,
})

const batchesRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/batches/components/batches-page')),
})

const newBatchRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/new',
  component: lazyRouteComponent(() => import('@/features/studies/components/new-batch-page')),
})

const batchRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/batches/$batchId',
  component: lazyRouteComponent(() => import('@/features/batches/components/batch-page')),
})

const resultsRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/batches/$batchId/results',
  component: lazyRouteComponent(() => import('@/features/results/components/results-page')),
})

/** What is asked of a sensitivity stands in the address, so that it can be shared. */
type SensitivitySearch = Partial<Record<'metric' | 'weather' | 'model', string>> & {
  method?: 'auto' | 'delta' | 'morris' | 'pawn' | 'regression' | 'sobol'
  suspect?: 'keep' | 'leave_out'
}

const sensitivityRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/batches/$batchId/sensitivity',
  validateSearch: (search: Record<string, unknown>): SensitivitySearch =>
    Object.fromEntries(
      ['metric', 'method', 'weather', 'model', 'suspect'].flatMap((key) =>
        typeof search[key] === 'string' ? [[key, search[key]]] : [],
      ),
    ),
  component: lazyRouteComponent(() => import('@/features/analysis/components/sensitivity-page')),
})

const savingsRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/batches/$batchId/savings',
  component: lazyRouteComponent(() => import('@/features/analysis/components/savings-page')),
})

const comparisonRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/batches/$batchId/comparison',
  validateSearch: (search: Record<string, unknown>): { other?: string } =>
    typeof search.other === 'string' ? { other: search.other } : {},
  component: lazyRouteComponent(() => import('@/features/analysis/components/comparison-page')),
})

const frontRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/batches/$batchId/front',
  component: lazyRouteComponent(() => import('@/features/analysis/components/front-page')),
})

const surrogatesRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/surrogates',
  component: lazyRouteComponent(() => import('@/features/surrogates/components/surrogates-page')),
})

const surrogateRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/surrogates/$surrogateId',
  component: lazyRouteComponent(() => import('@/features/surrogates/components/surrogate-page')),
})

const constructionSetsRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/constructions',
  component: lazyRouteComponent(() => import('@/features/constructions/components/construction-sets-page')),
})

const constructionSetRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: '/constructions/$reference',
  component: lazyRouteComponent(() => import('@/features/constructions/components/construction-set-page')),
})

const routeTree = rootRoute.addChildren([
  loginRoute,
  memberRoute.addChildren([
    batchesRoute,
    newBatchRoute,
    batchRoute,
    resultsRoute,
    sensitivityRoute,
    savingsRoute,
    comparisonRoute,
    surrogatesRoute,
    surrogateRoute,
    constructionSetsRoute,
    constructionSetRoute,
    frontRoute,
  ]),
])

export function makeRouter(queryClient: QueryClient, history?: RouterHistory) {
  return createRouter({
    routeTree,
    history,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultPendingComponent: PagePending,
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: NotFoundPage,
  })
}

declare module '@tanstack/react-router' {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- an interface merges, a type does not
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
