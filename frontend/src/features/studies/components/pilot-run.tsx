import { Button, Group, Stack, Text } from '@mantine/core'
import { IconPlaneDeparture } from '@tabler/icons-react'

import { ErrorNotice } from '@/components/ui/error-notice'
import { TextLink } from '@/components/ui/links'
import { formatCount } from '@/format/numbers'

import { usePilot } from '../api/pilot'
import type { StudyDocument } from '../draft/build-study'

/** Runs the first few cases, to know what a run takes; they are known when the study itself is run. */
export function PilotRun({ document, disabled }: { document: StudyDocument; disabled: boolean }) {
  const { start, batch, hasEnded } = usePilot()
  const isRunning = batch !== undefined && !hasEnded
  return (
    <Stack gap={6}>
      <Button
        variant="default"
        fullWidth
        leftSection={<IconPlaneDeparture size={16} stroke={1.7} />}
        disabled={disabled || isRunning}
        loading={start.isPending}
        onClick={() => start.mutate(document)}
      >
        Pilot run
      </Button>
      {batch === undefined ? (
        <Text size="xs" c="dimmed">
          Runs the first few cases, to tell how long all of them take.
        </Text>
      ) : (
        <Group gap={6} role="status">
          <TextLink to="/batches/$batchId" params={{ batchId: batch.id }} size="xs">
            {batch.name}
          </TextLink>
          <Text size="xs" c="dimmed">
            {batch.state}, {formatCount(batch.progress.finished)} of {formatCount(batch.progress.total)} cases
            {batch.counts.failed > 0 && `, ${formatCount(batch.counts.failed)} failed`}
          </Text>
        </Group>
      )}
      {start.error !== null && <ErrorNotice error={start.error} title="The pilot was not started" />}
    </Stack>
  )
}
