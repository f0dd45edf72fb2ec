import { Group, SegmentedControl, Stack, Switch, Text } from '@mantine/core'

import { Panel } from '@/components/ui/panel'

import type { RunPeriodKind } from '../draft/draft'
import { DayField } from './day-field'
import type { PanelProps } from './panel-props'

const PERIODS: { value: RunPeriodKind; label: string }[] = [
  { value: 'annual', label: 'Whole year' },
  { value: 'period', label: 'Part of the year' },
  { value: 'design_days', label: 'Design days' },
]

/** What is simulated in each case, and whether the unmodified model is too. */
export function RunPanel({ editor: { draft, change }, errorOf }: PanelProps) {
  const error = errorOf('run_period')
  return (
    <Panel title="Run">
      <Stack gap="sm" align="flex-start">
        <SegmentedControl
          aria-label="Run period"
          data={PERIODS}
          value={draft.runPeriod}
          onChange={(runPeriod) => change({ runPeriod })}
        />
        {draft.runPeriod === 'period' && (
          <Group gap="lg" align="flex-start">
            <DayField
              label="First day"
              value={draft.start}
              error={errorOf('run_period.start')}
              onChange={(start) => change({ start })}
            />
            <DayField
              label="Last day"
              value={draft.end}
              error={errorOf('run_period.end')}
              onChange={(end) => change({ end })}
            />
          </Group>
        )}
        {error !== undefined && (
          <Text size="xs" c="var(--mantine-color-error)" role="alert">
            {error}
          </Text>
        )}
        <Switch
          label="Baseline"
          description="Also run the unmodified model, once for each model and weather."
          checked={draft.baseline}
          error={errorOf('baseline')}
          onChange={(event) => change({ baseline: event.currentTarget.checked })}
        />
      </Stack>
    </Panel>
  )
}
