import { Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'

import type { Batch } from '@/api'
import { ProgressBar } from '@/components/ui/progress-bar'
import { formatCount, formatNumber, formatPercent } from '@/format/numbers'
import { formatDuration, formatMoment, secondsBetween } from '@/format/times'

import { countOutcomes, describeQueue, isActive, isSearch } from '../api/batches'
import { BatchFiles } from './batch-files'
import { PriorityMenu } from './priority-menu'

/** How far a batch is, exactly, how fast it goes and when it will be done. */
export function BatchProgress({ batch }: { batch: Batch }) {
  const { counts, progress } = batch
  const active = isActive(batch)
  const outcomes = countOutcomes(batch)
  return (
    <Paper component="section" withBorder p="md" aria-label="Progress">
      <Stack gap="sm">
        <Group justify="space-between" align="baseline">
          <Text fw={600} size="lg" className="tabular">
            {formatPercent(outcomes, progress.total)}
          </Text>
          <Text size="sm" c="dimmed" className="tabular" aria-live="off">
            {formatCount(outcomes)} of {formatCount(progress.total)} cases finished
          </Text>
        </Group>
        <ProgressBar counts={counts} total={progress.total} size="lg" />
        <SimpleGrid cols={{ base: 2, sm: 3, md: 6 }} spacing="md" verticalSpacing="xs">
          <Figure label="Valid">{formatCount(batch.verdicts.valid)}</Figure>
          <Figure label="Suspect">{formatCount(batch.verdicts.suspect)}</Figure>
          <Figure label="Failed">{formatCount(counts.failed)}</Figure>
          <Figure label="Rate">
            {batch.rate_per_h === null ? '–' : `${formatNumber(batch.rate_per_h, 3)} / h`}
          </Figure>
          {active ? (
            <Figure label="Time left">{formatDuration(batch.eta_s)}</Figure>
          ) : (
            <Figure label="Ended">{formatMoment(batch.finished_at)}</Figure>
          )}
          <Figure label={active ? 'Running for' : 'Took'}>
            {formatDuration(secondsBetween(batch.started_at, batch.finished_at))}
          </Figure>
        </SimpleGrid>
        <Group justify="space-between" align="flex-start" gap="xs">
          <Text size="xs" c="dimmed">
            {formatCount(batch.case_count)} cases
            {batch.baseline_count > 0 &&
              ` and ${formatCount(batch.baseline_count)} ${batch.baseline_count === 1 ? 'baseline' : 'baselines'}`}
            {' · '}submitted {formatMoment(batch.created_at)} by {batch.owner}
            {!active && batch.priority !== 'normal' && ` · ${batch.priority} priority`}
            {batch.queue !== null && ` · ${describeQueue(batch.queue)}`}
            {counts.running > 0 && ` · ${formatCount(counts.running)} running now`}
            {counts.cancelled > 0 && ` · ${formatCount(counts.cancelled)} cancelled`}
            {describeExtensions(batch)}
            {batch.cached > 0 && ` · ${formatCount(batch.cached)} taken over from identical cases`}
          </Text>
          {active && <PriorityMenu batch={batch} />}
        </Group>
        <BatchFiles batch={batch} />
      </Stack>
    </Paper>
  )
}

/** A search grows by itself, generation by generation; that is told on its own page. */
function describeExtensions(batch: Batch): string {
  const { length } = batch.extensions
  if (length === 0 || isSearch(batch)) return ''
  return ` · extended ${length === 1 ? 'once' : `${formatCount(length)} times`}`
}

function Figure({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text size="sm" fw={600} className="tabular">
        {children}
      </Text>
    </div>
  )
}
