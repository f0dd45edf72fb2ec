import { Alert, Group, List, Progress, Skeleton, Stack, Text } from '@mantine/core'
import { IconTargetOff } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'

import { toApiError, type Batch, type Front } from '@/api'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorNotice } from '@/components/ui/error-notice'
import { Panel } from '@/components/ui/panel'
import { isMoving } from '@/features/batches/api/batches'
import { BatchFrame } from '@/features/batches/components/batch-frame'
import { formatCount } from '@/format/numbers'

import { frontOptions } from '../api/front'
import { FrontPlot } from './front-plot'
import { FrontTable } from './front-table'

const CaseDrawer = lazy(() => import('@/features/batches/components/case-drawer'))
const route = getRouteApi('/member/batches/$batchId/front')

/** An optimisation while it runs and after: its front, and how it got there. */
export default function FrontPage() {
  const { batchId } = route.useParams()
  return (
    <BatchFrame batchId={batchId} title="Front">
      {(batch) => <Content batch={batch} />}
    </BatchFrame>
  )
}

function Content({ batch }: { batch: Batch }) {
  const [opened, setOpened] = useState<number | null>(null)
  const live = isMoving(batch)
  const query = useQuery({
    ...frontOptions(batch.id, batch.state, live),
    placeholderData: keepPreviousData,
  })
  if (query.error !== null && query.data === undefined) {
    const problem = toApiError(query.error)
    if (problem.status !== 409) return <ErrorNotice error={problem} onRetry={() => void query.refetch()} />
    return (
      <EmptyState icon={IconTargetOff} title="This batch searches for nothing">
        {problem.message.replaceAll('`', '')}
      </EmptyState>
    )
  }
  if (query.data === undefined) return <Skeleton h={380} aria-label="Loading" />
  const front = query.data
  return (
    <Stack gap="md">
      <Search front={front} live={live} />
      {front.evaluated === 0 ? (
        <EmptyState icon={IconTargetOff} title="No case has finished yet">
          The front appears here with the first generation.
        </EmptyState>
      ) : (
        <>
          <FrontPlot front={front} onOpen={setOpened} />
          <Panel
            title={front.objectives.length > 1 ? 'On the front' : 'The best'}
            aside={
              <Text size="xs" c="dimmed">
                {formatCount(front.front.length)} of {formatCount(front.evaluated)} cases
              </Text>
            }
          >
            <FrontTable front={front} onOpen={setOpened} />
          </Panel>
        </>
      )}
      <Suspense>
        <CaseDrawer batch={batch} index={opened} onClose={() => setOpened(null)} />
      </Suspense>
    </Stack>
  )
}

function Search({ front, live }: { front: Front; live: boolean }) {
  const { generation, generations, evaluated, limits } = front
  return (
    <Panel
      title="Search"
      aside={
        <Text size="sm" c="dimmed" className="tabular" aria-live="off">
          generation {formatCount(generation)} of {formatCount(generations)} · {formatCount(evaluated)} cases
        </Text>
      }
    >
      <Stack gap="xs">
        <Progress
          aria-label={`Generation ${generation.toString()} of ${generations.toString()}`}
          value={(100 * generation) / Math.max(1, generations)}
          striped={live}
          animated={live}
        />
        <Group gap="lg">
          {front.objectives.map(({ metric, goal, label }) => (
            <Text key={metric} size="xs">
              <Text span inherit c="dimmed">
                {goal}{' '}
              </Text>
              {label}
            </Text>
          ))}
        </Group>
        {limits.length > 0 && (
          <Text size="xs" c="dimmed">
            where {limits.join(' and ')}
          </Text>
        )}
        {!live && front.front.length === 0 && evaluated > 0 && (
          <Alert color="yellow" variant="light" title="No case keeps to the limits">
            <List size="sm">
              {limits.map((limit) => (
                <List.Item key={limit}>{limit}</List.Item>
              ))}
            </List>
          </Alert>
        )}
      </Stack>
    </Panel>
  )
}
