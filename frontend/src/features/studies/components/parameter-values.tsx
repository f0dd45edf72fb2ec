import { Group, NativeSelect, Stack, TagsInput, Text, TextInput } from '@mantine/core'

import { FieldError } from '@/components/ui/field-error'

import type { ValueMeaning } from '../draft/describe-values'
import type { Method } from '../draft/draft'
import { SPREADS } from '../draft/methods'
import type { ParameterDraft, Spread } from '../draft/parameter-draft'
import { ChoiceFields } from './choice-fields'
import type { PanelProps } from './panel-props'

export type SpreadFieldsProps = Pick<PanelProps, 'errorOf'> & {
  parameter: ParameterDraft
  meaning: ValueMeaning
  path: string
  edit: (part: Partial<ParameterDraft>) => void
}

type Part = 'low' | 'mode' | 'high' | 'mean' | 'sd'

const WORDS: Record<Part, string> = {
  low: 'Lowest',
  mode: 'Most likely',
  high: 'Highest',
  mean: 'Mean',
  sd: 'Standard deviation',
}

const PARTS: Partial<Record<Spread, readonly Part[]>> = {
  uniform: ['low', 'high'],
  loguniform: ['low', 'high'],
  integer: ['low', 'high'],
  normal: ['mean', 'sd'],
  truncated_normal: ['mean', 'sd', 'low', 'high'],
  triangular: ['low', 'mode', 'high'],
}

/** What a parameter varies over: a list, a distribution, an expression of others. */
export function ParameterValues(props: SpreadFieldsProps & { method: Method }) {
  const { parameter, meaning, method, edit } = props
  const isTable = method === 'table'
  const shown = isTable && parameter.spread !== 'derived' ? 'values' : parameter.spread
  const kinds = SPREADS.filter(({ value, needsNumbers }) =>
    isTable
      ? value === 'values' || value === 'derived'
      : value === shown || needsNumbers !== true || meaning.isNumber,
  )
  return (
    <Group gap="sm" align="flex-start" flex={1}>
      <NativeSelect
        label="Varies over"
        w={200}
        data={kinds.map(({ value, label }) => ({
          value,
          label: isTable && value === 'values' ? 'What the table says' : label,
        }))}
        value={shown}
        onChange={(event) => edit({ spread: event.currentTarget.value as Spread })}
      />
      <Stack gap={4} flex="1 1 220px" miw={0}>
        {isTable && shown !== 'derived' ? (
          <Text size="xs" c="dimmed" mt={28}>
            The values stand in the table of the design, in the column “{parameter.name}”.
          </Text>
        ) : (
          <SpreadFields {...props} />
        )}
      </Stack>
    </Group>
  )
}

function SpreadFields(props: SpreadFieldsProps) {
  const { parameter, path, errorOf, edit } = props
  if (parameter.spread === 'values') return <ListedValues {...props} />
  if (parameter.spread === 'choice') return <ChoiceFields {...props} />
  if (parameter.spread === 'derived') {
    return (
      <TextInput
        label="Expression"
        placeholder="2 * other_parameter"
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={parameter.expression}
        error={errorOf(`${path}.derived`)}
        description="Of other parameters by their names; it is no dimension of the design."
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        onChange={(event) => edit({ expression: event.currentTarget.value })}
      />
    )
  }
  return <NumberFields {...props} parts={PARTS[parameter.spread] ?? []} />
}

function ListedValues({ parameter, meaning, path, errorOf, edit }: SpreadFieldsProps) {
  return (
    <TagsInput
      label={labelWithUnit('Values', meaning)}
      placeholder={parameter.values.length === 0 ? 'Type a value and press Enter' : undefined}
      splitChars={meaning.isNumber ? [',', ';', ' '] : [';']}
      data={[...meaning.choices]}
      value={parameter.values}
      error={errorOf(`${path}.values`)}
      description={meaning.allowed === '' ? undefined : meaning.allowed}
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      onChange={(values) => edit({ values: meaning.isNumber ? splitNumbers(values) : values })}
    />
  )
}

function NumberFields(props: SpreadFieldsProps & { parts: readonly Part[] }) {
  const { parameter, meaning, path, errorOf, edit, parts } = props
  const error = errorOf(`${path}.${parameter.spread}`)
  return (
    <>
      <Group gap="sm" align="flex-start">
        {parts.map((part) => (
          <TextInput
            key={part}
            label={labelWithUnit(WORDS[part], meaning)}
            flex="1 1 100px"
            inputMode="decimal"
            value={parameter[part]}
            error={error !== undefined}
            onChange={(event) => edit({ [part]: event.currentTarget.value })}
          />
        ))}
      </Group>
      <FieldError>{error}</FieldError>
      {meaning.allowed !== '' && (
        <Text size="xs" c="dimmed">
          {meaning.allowed}
        </Text>
      )}
    </>
  )
}

/** "0.05 0.1" that came in one piece, by auto-fill or speech, is two values. */
export function splitNumbers(values: readonly string[]): string[] {
  const parts = values.flatMap((value) => value.split(/[\s,;]+/)).filter((part) => part !== '')
  return [...new Set(parts)]
}

export function labelWithUnit(word: string, { unit }: ValueMeaning): string {
  return unit === '' ? word : `${word} [${unit}]`
}
