import { Group, Progress, SimpleGrid, Stack, Text } from '@mantine/core'

import type { Surrogate } from '@/api'
import { Panel } from '@/components/ui/panel'
import { formatNumber } from '@/format/numbers'
import { formatDuration, secondsBetween } from '@/format/times'

import { readCurves } from '../api/report'
import { isOpen } from '../api/surrogates'
import { LossCurve } from './loss-curve'

/** How far a training is, or how it went: its share, the step at work, and losses by step. */
export function TrainingPanel({ surrogate }: { surrogate: Surrogate }) {
  const { percent, message } = surrogate.progress
  const curves = Object.entries(readCurves(surrogate)).filter(([, points]) => points.length > 1)
  return (
    <Panel
      title="Training"
      aside={
        <Text size="xs" c="dimmed" className="tabular">
          {surrogate.started_at !== null &&
            formatDuration(secondsBetween(surrogate.started_at, surrogate.finished_at))}
        </Text>
      }
    >
      <Stack gap="md">
        {isOpen(surrogate) && (
          <div>
            <Group justify="space-between" mb={4}>
              <Text size="sm">{message}</Text>
              <Text size="sm" fw={600} className="tabular">
                {formatNumber(percent, 3)} %
              </Text>
            </Group>
            <Progress
              value={percent}
              striped={surrogate.state === 'training'}
              animated={surrogate.state === 'training'}
              aria-label="Training"
            />
          </div>
        )}
        {curves.length > 0 && (
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
            {curves.map(([part, points]) => (
              <LossCurve key={part} part={part} points={points} />
            ))}
          </SimpleGrid>
        )}
      </Stack>
    </Panel>
  )
}
