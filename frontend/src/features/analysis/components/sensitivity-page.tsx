import { Skeleton, Stack } from '@mantine/core'
import { IconChartBarOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'

import { toApiError, type ApiError, type Batch } from '@/api'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorNotice } from '@/components/ui/error-notice'
import { Panel } from '@/components/ui/panel'
import { columnsOptions } from '@/features/batches/api/batches'
import { BatchFrame } from '@/features/batches/components/batch-frame'

import { sensitivityOptions, type SensitivityWish } from '../api/sensitivity'
import { AcceptedWishes } from './accepted-wishes'
import { SensitivityAnswer } from './sensitivity-answer'
import { SensitivityControls } from './sensitivity-controls'

const route = getRouteApi('/member/batches/$batchId/sensitivity')

const USUAL = 'total_site_energy_kwh'

/** Which parameters of a batch matter for a metric, how much, and how sure that is. */
export default function SensitivityPage() {
  const { batchId } = route.useParams()
  return (
    <BatchFrame batchId={batchId} title="Sensitivity">
      {(batch) => <Content batch={batch} />}
    </BatchFrame>
  )
}

function Content({ batch }: { batch: Batch }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { finished } = batch.progress
  const columns = useQuery({ ...columnsOptions(batch.id), enabled: finished > 0 })
  const metrics = columns.data?.filter(({ kind }) => kind === 'metric') ?? []
  const metric = search.metric ?? (metrics.find(({ name }) => name === USUAL) ?? metrics[0])?.name
  const wish: SensitivityWish = { ...search, metric: metric ?? '' }
  const change = (part: Partial<SensitivityWish>) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true })

  if (finished === 0) {
    return (
      <EmptyState icon={IconChartBarOff} title="No case has finished yet">
        What matters is known once cases have results.
      </EmptyState>
    )
  }
  if (columns.error !== null)
    return <ErrorNotice error={columns.error} onRetry={() => void columns.refetch()} />
  return (
    <Stack gap="md">
      <Panel title="What is asked">
        <SensitivityControls batch={batch} metrics={metrics} wish={wish} onChange={change} />
      </Panel>
      {metric !== undefined && <Answer batch={batch} wish={wish} onChange={change} />}
    </Stack>
  )
}

type AnswerProps = { batch: Batch; wish: SensitivityWish; onChange: (part: Partial<SensitivityWish>) => void }

function Answer({ batch, wish, onChange }: AnswerProps) {
  const version = `${batch.state} ${batch.progress.finished.toString()}`
  const answer = useQuery(sensitivityOptions(batch.id, wish, version))
  if (answer.error !== null) {
    const problem = toApiError(answer.error)
    return problem.status === 400 ? (
      <Refusal problem={problem} onChange={onChange} />
    ) : (
      <ErrorNotice error={problem} onRetry={() => void answer.refetch()} />
    )
  }
  if (answer.data === undefined) return <Skeleton h={280} aria-label="Loading" />
  return <SensitivityAnswer answer={answer.data} />
}

/** The cases cannot bear what was asked: why, and what they can. */
function Refusal({ problem, onChange }: { problem: ApiError; onChange: AnswerProps['onChange'] }) {
  const [entry] = problem.entries
  const accepted = Array.isArray(entry?.accepted) ? entry.accepted.map(String) : []
  return (
    <EmptyState icon={IconChartBarOff} title="This cannot be said of these cases">
      <Stack gap="xs" align="center">
        <span>{problem.message.replaceAll('`', '')}</span>
        <AcceptedWishes path={entry?.path ?? ''} accepted={accepted} onChange={onChange} />
      </Stack>
    </EmptyState>
  )
}
