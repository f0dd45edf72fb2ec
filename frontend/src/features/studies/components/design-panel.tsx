import { Group, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core'

import { Panel } from '@/components/ui/panel'

import type { Method } from '../draft/draft'
import { parseTable } from '../draft/parse-table'
import type { PanelProps } from './panel-props'

const METHODS: { value: Method; label: string; explanation: string }[] = [
  { value: 'grid', label: 'Grid', explanation: 'Every value with every other value.' },
  {
    value: 'lhs',
    label: 'Latin hypercube',
    explanation: 'As many cases as you say, spread evenly over every parameter.',
  },
  { value: 'table', label: 'Table', explanation: 'The cases you list, one in a row.' },
]

/** The rule that picks the cases. */
export function DesignPanel({ editor, errorOf }: PanelProps) {
  const { draft, change } = editor
  const error = errorOf('design')
  return (
    <Panel title="Design">
      <Stack gap="sm" align="flex-start">
        <SegmentedControl
          aria-label="Design"
          data={METHODS.map(({ value, label }) => ({ value, label }))}
          value={draft.method}
          onChange={(method) => change({ method })}
        />
        <Text size="xs" c="dimmed">
          {METHODS.find(({ value }) => value === draft.method)?.explanation}
        </Text>
        {draft.method === 'lhs' && <SampleFields editor={editor} errorOf={errorOf} />}
        {draft.method === 'table' && <RowsField editor={editor} errorOf={errorOf} />}
        {error !== undefined && (
          <Text size="xs" c="var(--mantine-color-error)" role="alert">
            {error}
          </Text>
        )}
      </Stack>
    </Panel>
  )
}

function SampleFields({ editor: { draft, change }, errorOf }: PanelProps) {
  return (
    <Group gap="sm" align="flex-start">
      <TextInput
        label="Samples"
        w={140}
        inputMode="numeric"
        value={draft.samples}
        error={errorOf('design.samples')}
        onChange={(event) => change({ samples: event.currentTarget.value })}
      />
      <TextInput
        label="Seed"
        w={220}
        inputMode="numeric"
        description="The same seed gives the same samples."
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        value={draft.seed}
        error={errorOf('design.seed')}
        onChange={(event) => change({ seed: event.currentTarget.value })}
      />
    </Group>
  )
}

function RowsField({ editor: { draft, change }, errorOf }: PanelProps) {
  const { rows, columns } = parseTable(draft.table)
  const needed = [
    ...draft.parameters.map((parameter) => parameter.name),
    ...(draft.models.length > 1 ? ['model'] : []),
    ...(draft.weathers.length > 1 ? ['weather'] : []),
  ]
  return (
    <Textarea
      label="Rows"
      w="100%"
      autosize
      minRows={5}
      maxRows={14}
      placeholder={`${needed.join(', ')}\n…`}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', whiteSpace: 'pre' } }}
      value={draft.table}
      error={
        draft.table === ''
          ? errorOf('design.rows')
          : (errorOf('design.rows') ?? parseTable(draft.table).problems[0])
      }
      description={
        rows.length === 0
          ? `Paste CSV or cells of a spreadsheet. Columns: ${needed.join(', ')}`
          : `${rows.length.toString()} rows of ${columns.join(', ')}`
      }
      onChange={(event) => change({ table: event.currentTarget.value })}
    />
  )
}
