import { Group, NativeSelect, SegmentedControl, Stack, Switch } from '@mantine/core'

import { FieldError } from '@/components/ui/field-error'
import { Panel } from '@/components/ui/panel'

import { PRIORITIES, type Priority, type RunPeriodKind } from '../draft/draft'
import { DayField } from './day-field'
import { OutputsField } from './outputs-field'
import type { PanelProps } from './panel-props'

const PERIODS: { value: RunPeriodKind; label: string }[] = [
  { value: 'annual', label: 'Whole year' },
  { value: 'period', label: 'Part of the year' },
  { value: 'design_days', label: 'Design days' },
]

/** What is simulated in each case, what is reported of it, and whether the unmodified model is run too. */
export function RunPanel({ editor, errorOf }: PanelProps) {
  const { draft, change } = editor
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
        <FieldError>{errorOf('run_period')}</FieldError>
        <Switch
          label="Baseline"
          description="Also run the unmodified model, once for each model and weather."
          checked={draft.baseline}
          error={errorOf('baseline')}
          onChange={(event) => change({ baseline: event.currentTarget.checked })}
        />
        <Switch
          label="Keep everything"
          description="Also write what the models themselves ask for, and keep every file of the engine."
          checked={draft.keepFull}
          error={errorOf('keep')}
          onChange={(event) => change({ keepFull: event.currentTarget.checked })}
        />
        <NativeSelect
          label="Priority"
          description="Beside other batches. One that waits grows more urgent by itself."
          w={220}
          data={[...PRIORITIES]}
          value={draft.priority}
          error={errorOf('priority')}
          onChange={(event) => change({ priority: event.currentTarget.value as Priority })}
        />
        <OutputsField editor={editor} errorOf={errorOf} />
      </Stack>
    </Panel>
  )
}
