import { Group, Radio, Stack, TagsInput, Text, TextInput } from '@mantine/core'

import type { Field } from '@/api'

import { describeLimits, isNumeric, unitOfValues } from '../draft/describe-field'
import type { Method, ParameterDraft } from '../draft/draft'
import type { PanelProps } from './panel-props'

type ParameterValuesProps = Pick<PanelProps, 'errorOf'> & {
  parameter: ParameterDraft
  field: Field | undefined
  path: string
  method: Method
  edit: (part: Partial<ParameterDraft>) => void
}

/** The values a parameter takes: a list, or a range where the design samples it. */
export function ParameterValues({ parameter, field, path, method, errorOf, edit }: ParameterValuesProps) {
  if (method === 'table') {
    return (
      <Text size="xs" c="dimmed" mt={28}>
        The values stand in the table of the design, in the column “{parameter.name}”.
      </Text>
    )
  }
  const isSampled = method === 'lhs'
  const isNumberField = field === undefined || isNumeric(field)
  const isRange = isSampled && parameter.spread === 'uniform'
  return (
    <Stack gap={4} flex={1}>
      {isRange ? (
        <RangeFields parameter={parameter} path={path} errorOf={errorOf} edit={edit} />
      ) : (
        <TagsInput
          label={labelOf('Values', parameter)}
          placeholder={parameter.values.length === 0 ? 'Type a value and press Enter' : undefined}
          splitChars={isNumberField ? [',', ';', ' '] : [';']}
          data={field?.choices ?? []}
          value={parameter.values}
          error={errorOf(`${path}.values`)}
          description={describeAllowed(parameter, field)}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          onChange={(values) => edit({ values: isNumberField ? splitNumbers(values) : values })}
        />
      )}
      {isSampled && (
        <Radio.Group
          size="xs"
          aria-label="Kind of values"
          value={parameter.spread}
          onChange={(spread) => edit({ spread: spread === 'uniform' ? 'uniform' : 'values' })}
        >
          <Group gap="md">
            <Radio size="xs" value="values" label="listed values" />
            <Radio size="xs" value="uniform" label="anything in a range" />
          </Group>
        </Radio.Group>
      )}
    </Stack>
  )
}

type RangeFieldsProps = Pick<ParameterValuesProps, 'parameter' | 'path' | 'errorOf' | 'edit'>

function RangeFields({ parameter, path, errorOf, edit }: RangeFieldsProps) {
  const error = errorOf(`${path}.uniform`)
  return (
    <Stack gap={2}>
      <Group gap="sm" grow align="flex-start">
        <TextInput
          label={labelOf('Lowest', parameter)}
          inputMode="decimal"
          value={parameter.low}
          error={error !== undefined}
          onChange={(event) => edit({ low: event.currentTarget.value })}
        />
        <TextInput
          label={labelOf('Highest', parameter)}
          inputMode="decimal"
          value={parameter.high}
          error={error !== undefined}
          onChange={(event) => edit({ high: event.currentTarget.value })}
        />
      </Group>
      {error !== undefined && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {error}
        </Text>
      )}
    </Stack>
  )
}

/** "0.05 0.1" that came in one piece, by auto-fill or speech, is two values. */
function splitNumbers(values: readonly string[]): string[] {
  const parts = values.flatMap((value) => value.split(/[\s,;]+/)).filter((part) => part !== '')
  return [...new Set(parts)]
}

function labelOf(word: string, parameter: ParameterDraft): string {
  const unit = unitOfValues(parameter.change, parameter.unit)
  return unit === '' ? word : `${word} [${unit}]`
}

function describeAllowed(parameter: ParameterDraft, field: Field | undefined): string | undefined {
  if (field === undefined || field.choices.length > 0) return undefined
  const limits = describeLimits(field)
  if (limits === '') return undefined
  return parameter.change === 'set' ? `allowed ${limits}` : `allowed after the change ${limits}`
}
