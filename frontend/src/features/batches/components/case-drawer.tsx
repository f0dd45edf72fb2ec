import { Alert, Anchor, Drawer, Group, List, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'

import type { Batch, CaseDetail } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { StateBadge } from '@/components/ui/state-badge'
import { useRefNames } from '@/features/library/api/names'
import { formatBytes } from '@/format/numbers'
import { formatDuration, formatMoment } from '@/format/times'

import { caseOptions, isActive } from '../api/batches'
import { CancelCase } from './cancel-case'
import { CaseMessages } from './case-messages'
import { CaseMetrics } from './case-metrics'

type CaseDrawerProps = { batch: Batch; index: number | null; onClose: () => void }

/** One case: what was changed in the model, what came of it, and its files. */
export default function CaseDrawer({ batch, index, onClose }: CaseDrawerProps) {
  return (
    <Drawer
      opened={index !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={index === null ? '' : index < 0 ? 'Baseline' : `Case ${index.toString()}`}
    >
      {index !== null && <CaseContent batch={batch} index={index} />}
    </Drawer>
  )
}

function CaseContent({ batch, index }: { batch: Batch; index: number }) {
  const { data: found, error, refetch } = useQuery(caseOptions(batch.id, index))
  const modelName = useRefNames('models', found === undefined ? [] : [found.model])
  const weatherName = useRefNames('weather', found === undefined ? [] : [found.weather])
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void refetch()} />
  if (found === undefined) return <Skeleton h={200} aria-label="Loading" />
  return (
    <Stack gap="lg">
      <Group gap="xs">
        <StateBadge state={found.state} />
        {found.verdict !== null && found.verdict !== 'failed' && <StateBadge state={found.verdict} />}
        <Text size="sm" c="dimmed">
          {modelName(found.model)} · {weatherName(found.weather)}
          {found.started_at !== null && ` · started ${formatMoment(found.started_at)}`}
          {found.cached
            ? ' · taken over from an identical case'
            : found.duration_s !== null && ` · took ${formatDuration(found.duration_s)}`}
          {found.attempt > 1 && ` · attempt ${found.attempt.toString()}`}
        </Text>
      </Group>
      <CaseTrouble found={found} />
      {isActive(batch) && isOpen(found) && <CancelCase batchId={batch.id} index={index} />}
      <section>
        <Title order={3} mb={4}>
          Changes to the model
        </Title>
        {found.changes === null || found.changes.length === 0 ? (
          <Text size="sm" c="dimmed">
            {found.changes === null
              ? 'Not written: the case has not run, or its files were removed.'
              : 'None: this is the model as it is.'}
          </Text>
        ) : (
          <List size="sm" spacing={2}>
            {found.changes.map((change) => (
              <List.Item key={change}>{change}</List.Item>
            ))}
          </List>
        )}
      </section>
      {hasValues(found.metrics) && <CaseMetrics batchId={batch.id} metrics={found.metrics} />}
      {found.files.some((file) => file.name === 'eplusout.err') && (
        <CaseMessages batchId={batch.id} index={index} />
      )}
      <CaseFiles files={found.files} />
    </Stack>
  )
}

function isOpen({ state }: CaseDetail): boolean {
  return state === 'pending' || state === 'running'
}

/** A case that failed early may have every metric, and none of them a value. */
function hasValues(metrics: CaseDetail['metrics']): metrics is NonNullable<CaseDetail['metrics']> {
  return metrics !== null && Object.values(metrics).some((value) => value !== null)
}

function CaseTrouble({ found }: { found: CaseDetail }) {
  if (found.error !== null) {
    return (
      <Alert color="red" variant="light" title={found.error.kind.replaceAll('_', ' ')} role="alert">
        <Text size="sm" ff="monospace" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {found.error.message}
        </Text>
      </Alert>
    )
  }
  if (found.reasons.length === 0) return null
  return (
    <Alert
      color={found.verdict === 'valid' ? 'blue' : 'yellow'}
      variant="light"
      title={found.verdict === 'valid' ? 'Notes' : 'Reasons for doubt'}
    >
      <List size="sm">
        {found.reasons.map((reason) => (
          <List.Item key={reason}>{reason}</List.Item>
        ))}
      </List>
    </Alert>
  )
}

function CaseFiles({ files }: Pick<CaseDetail, 'files'>) {
  if (files.length === 0) return null
  return (
    <section>
      <Title order={3} mb={4}>
        Files
      </Title>
      <Stack gap={2}>
        {files.map((file) => (
          <Group key={file.name} justify="space-between">
            <Anchor href={file.url} download={file.name} size="sm" ff="monospace">
              {file.name}
            </Anchor>
            <Text size="xs" c="dimmed" className="tabular">
              {formatBytes(file.size_bytes)}
            </Text>
          </Group>
        ))}
      </Stack>
    </section>
  )
}
