import { Alert, Group, List, Stack, Text } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'

import type { Sensitivity } from '@/api'
import { IntervalBars } from '@/components/charts/interval-bars'
import { Legend } from '@/components/charts/legend'
import { Panel } from '@/components/ui/panel'
import { formatCount, formatNumber, formatUnit } from '@/format/numbers'

import { METHODS } from '../api/sensitivity'
import { SensitivityPairs, SensitivityTable } from './sensitivity-table'

/** The indices of each method that are read together. */
const TOGETHER: Record<Sensitivity['method'], readonly string[]> = {
  morris: ['mu_star', 'sigma'],
  sobol: ['st', 's1'],
  regression: ['src', 'srrc'],
  pawn: ['median'],
  delta: ['delta', 's1'],
}

/** The indices of each factor as bars and as numbers, and what to know when reading them. */
export function SensitivityAnswer({ answer }: { answer: Sensitivity }) {
  const names = [...new Set([answer.sorted_by, ...TOGETHER[answer.method]])]
  const shown = names.flatMap((name) => answer.indices.find((index) => index.name === name) ?? [])
  const method = METHODS.find(({ value }) => value === answer.method)?.label ?? answer.method
  return (
    <Stack gap="md">
      <Panel
        title={`What matters for ${answer.label.toLowerCase()}`}
        aside={
          <Text size="xs" c="dimmed">
            {method} · {describeCases(answer)}
          </Text>
        }
      >
        <Stack gap="sm">
          <Legend
            entries={shown.map(({ label, meaning, unit }) => ({
              label: unit === null ? label : `${label} [${formatUnit(unit)}]`,
              meaning,
            }))}
          />
          <IntervalBars
            label={`${shown.map(({ label }) => label).join(' and ')} of each parameter`}
            series={shown.map(({ label }) => label)}
            rows={answer.factors.map(({ name, label, values, conf }) => ({
              key: name,
              label,
              bars: shown.map((index) => withInterval(values[index.name], conf[index.name])),
            }))}
          />
          <Fit answer={answer} />
        </Stack>
      </Panel>
      <Notes answer={answer} />
      <Panel title="Indices">
        <SensitivityTable answer={answer} />
      </Panel>
      {answer.pairs.length > 0 && (
        <Panel title="Pairs of parameters">
          <SensitivityPairs answer={answer} />
        </Panel>
      )}
    </Stack>
  )
}

function withInterval(value: number | undefined, half: number | undefined) {
  if (value === undefined) return { value: null }
  return half === undefined ? { value } : { value, low: value - half, high: value + half }
}

function describeCases({ cases_used: used, cases_left_out: left, is_complete }: Sensitivity): string {
  return [
    `from ${formatCount(used)} cases`,
    left > 0 ? `${formatCount(left)} left out` : '',
    is_complete ? '' : 'so far: others are still to come',
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

function Fit({ answer: { fit, noise, indices } }: { answer: Sensitivity }) {
  const parts = [
    ...Object.entries(fit).map(
      ([name, share]) =>
        `R² of ${indices.find((index) => index.name === name)?.label ?? name}: ${formatNumber(share, 3)}`,
    ),
    ...(noise === null ? [] : [`a parameter without influence would show ${formatNumber(noise, 3)}`]),
  ]
  if (parts.length === 0) return null
  return (
    <Group gap="md">
      {parts.map((part) => (
        <Text key={part} size="xs" c="dimmed">
          {part}
        </Text>
      ))}
    </Group>
  )
}

function Notes({ answer: { notes, reasons } }: { answer: Sensitivity }) {
  const all = [...reasons, ...notes]
  if (all.length === 0) return null
  return (
    <Alert variant="light" color="blue" icon={<IconInfoCircle size={18} />} title="Good to know" p="sm">
      <List size="sm" spacing={2}>
        {all.map((note) => (
          <List.Item key={note}>{note.replaceAll('`', '')}</List.Item>
        ))}
      </List>
    </Alert>
  )
}
