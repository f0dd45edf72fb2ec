import { Text } from '@mantine/core'
import { createColumnHelper } from '@tanstack/react-table'

import type { Batch, Case } from '@/api'
import { StateBadge } from '@/components/ui/state-badge'
import type { ColumnLook } from '@/components/ui/virtual-table'
import { formatCell, formatParameterUnit } from '@/format/numbers'
import { formatDuration } from '@/format/times'

import type { caseFeatures } from './case-table'

const PARAMETER = 'parameter:'
const helper = createColumnHelper<typeof caseFeatures, Case>()

const LOOKS: Record<string, ColumnLook> = {
  index: { numeric: true, width: 88, pinned: true },
  state: { width: 104 },
  verdict: { width: 92 },
  model: { width: 130 },
  weather: { width: 130 },
  duration: { numeric: true, width: 90 },
  message: { width: 340 },
}

export function describeLook(parameters: Batch['parameters']): (columnId: string) => ColumnLook {
  const units = new Map(
    parameters.map(({ name, unit }) => [`${PARAMETER}${name}`, formatParameterUnit(unit)]),
  )
  return (columnId) => {
    const known = LOOKS[columnId]
    if (known !== undefined) return known
    const letters = columnId.length - PARAMETER.length
    return { numeric: true, width: Math.min(240, Math.max(96, 8 * letters + 24)), unit: units.get(columnId) }
  }
}

type Names = { model: (ref: string | null) => string; weather: (ref: string | null) => string }

export function makeCaseColumns(parameters: Batch['parameters'], hasModels: boolean, names: Names) {
  return helper.columns([
    helper.accessor('index', {
      header: 'Case',
      cell: ({ getValue }) => formatIndex(getValue()),
    }),
    helper.accessor('state', {
      header: 'State',
      cell: ({ getValue }) => <StateBadge state={getValue()} size="xs" />,
    }),
    helper.accessor('verdict', {
      header: 'Verdict',
      cell: ({ getValue }) => {
        const verdict = getValue()
        return verdict === null ? '–' : <StateBadge state={verdict} size="xs" />
      },
    }),
    ...(hasModels
      ? [helper.accessor('model', { header: 'Model', cell: ({ getValue }) => names.model(getValue()) })]
      : []),
    helper.accessor('weather', { header: 'Weather', cell: ({ getValue }) => names.weather(getValue()) }),
    ...parameters.map(({ name }) =>
      helper.accessor((row) => row.parameters[name], {
        id: `${PARAMETER}${name}`,
        header: name,
        cell: ({ getValue }) => formatCell(getValue()),
      }),
    ),
    helper.accessor('duration_s', {
      id: 'duration',
      header: 'Time',
      cell: ({ getValue, row }) =>
        row.original.cached ? <StateBadge state="cached" size="xs" /> : formatDuration(getValue()),
    }),
    helper.accessor(explainCase, {
      id: 'message',
      header: 'Error or reason for doubt',
      cell: ({ getValue, row }) => (
        <Text
          span
          size="xs"
          c={row.original.error === null ? 'dimmed' : 'var(--mantine-color-error)'}
          title={getValue()}
        >
          {getValue()}
        </Text>
      ),
    }),
  ])
}

/** Baselines, one for each model and weather, have negative indices. */
export function formatIndex(index: number): string {
  return index < 0 ? 'baseline' : index.toString()
}

function explainCase(row: Case): string {
  return row.error?.message ?? row.reasons.join('; ')
}
