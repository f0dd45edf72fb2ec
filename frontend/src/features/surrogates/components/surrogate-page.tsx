import { Alert, Skeleton } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'

import type { Surrogate } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { TextLink } from '@/components/ui/links'
import { Page } from '@/components/ui/page'
import { StateBadge } from '@/components/ui/state-badge'
import { formatMoment } from '@/format/times'

import { readReport } from '../api/report'
import { isOpen, surrogateOptions } from '../api/surrogates'
import { AccuracyPanel } from './accuracy-panel'
import { OriginPanel } from './origin-panel'
import { SurrogateActions } from './surrogate-actions'
import { TrainingPanel } from './training-panel'

const WhatIfPanel = lazy(() => import('./what-if-panel'))
const route = getRouteApi('/member/surrogates/$surrogateId')

/** One surrogate: its training while it is trained, then how good it is, and what it says. */
export default function SurrogatePage() {
  const { surrogateId } = route.useParams()
  const query = useQuery(surrogateOptions(surrogateId))
  const surrogate = query.data
  const name = surrogate === undefined ? 'Surrogate' : `${surrogate.name} v${surrogate.version}`
  return (
    <Page
      title={name}
      heading={
        <>
          <TextLink to="/surrogates" inherit>
            Surrogates
          </TextLink>{' '}
          › {name}
        </>
      }
      badge={surrogate !== undefined && <StateBadge state={surrogate.state} size="md" />}
      actions={surrogate !== undefined && <SurrogateActions surrogate={surrogate} />}
    >
      {query.error !== null && (
        <ErrorNotice
          error={query.error}
          title="This surrogate cannot be shown"
          onRetry={() => void query.refetch()}
        />
      )}
      {surrogate === undefined
        ? query.error === null && <Skeleton h={320} aria-label="Loading" />
        : renderState(surrogate)}
    </Page>
  )
}

function renderState(surrogate: Surrogate) {
  const report = readReport(surrogate)
  return (
    <>
      <Ending surrogate={surrogate} />
      {isOpen(surrogate) && <TrainingPanel surrogate={surrogate} />}
      {surrogate.state === 'ready' && report !== null && (
        <>
          {report.warnings.length > 0 && (
            <Alert color="yellow" variant="light" icon={<IconAlertTriangle />} title="Mind this">
              {report.warnings.map((warning) => (
                <div key={warning}>{warning}</div>
              ))}
            </Alert>
          )}
          <Suspense fallback={<Skeleton h={240} aria-label="Loading" />}>
            <WhatIfPanel key={surrogate.id} surrogate={surrogate} level={report.level} />
          </Suspense>
          <AccuracyPanel surrogate={surrogate} report={report} />
        </>
      )}
      <OriginPanel surrogate={surrogate} />
      {surrogate.state === 'ready' && Object.keys(surrogate.curves).length > 0 && (
        <TrainingPanel surrogate={surrogate} />
      )}
    </>
  )
}

/** Why there is nothing to ask. */
function Ending({ surrogate }: { surrogate: Surrogate }) {
  if (surrogate.state === 'failed') {
    return (
      <Alert color="red" variant="light" icon={<IconAlertTriangle />} title="It could not be trained">
        {surrogate.error}
      </Alert>
    )
  }
  if (surrogate.state === 'cancelled') {
    return (
      <Alert color="orange" variant="light" title="The training was cancelled">
        It was stopped {formatMoment(surrogate.finished_at)}; nothing of it is left. What it was trained on is
        still there.
      </Alert>
    )
  }
  return null
}
