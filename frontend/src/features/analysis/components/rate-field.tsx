import { Group, NativeSelect, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'

import { FieldError } from '@/components/ui/field-error'

import { makeWindow, MONTHS, type RateDraft, type RateKind } from '../draft/valuation'
import { RateWindows } from './rate-windows'

const KINDS: { value: RateKind; label: string }[] = [
  { value: 'none', label: 'not counted' },
  { value: 'flat', label: 'the same at any time' },
  { value: 'monthly', label: 'by month' },
  { value: 'time_of_use', label: 'by time of use' },
]

export const MONTH_NAMES = Array.from({ length: MONTHS }, (_month, at) =>
  new Intl.DateTimeFormat(undefined, { month: 'short' }).format(new Date(2001, at, 1)),
)

type RateFieldProps = {
  label: string
  /** Of one kWh: "EUR/kWh". */
  unit: string
  rate: RateDraft
  /** Whether a kWh may be sold, and whether there is a charge for each month. */
  withExport: boolean
  withStanding: boolean
  /** What is wrong at a path below the rate. */
  errorOf: (path: string) => string | undefined
  onChange: (rate: RateDraft) => void
}

/** What a kWh costs or emits: flat, by month, or by time of use. */
export function RateField(props: RateFieldProps) {
  const { label, unit, rate, withExport, withStanding, errorOf, onChange } = props
  const edit = (part: Partial<RateDraft>) => onChange({ ...rate, ...part })
  const chooseKind = (kind: RateKind) =>
    edit({ kind, ...(kind === 'time_of_use' && rate.windows.length === 0 && { windows: [makeWindow()] }) })
  return (
    <Stack gap="xs">
      <Group gap="sm" align="flex-start">
        <NativeSelect
          label={label}
          w={190}
          data={KINDS}
          value={rate.kind}
          onChange={(event) => chooseKind(event.currentTarget.value as RateKind)}
        />
        {rate.kind === 'flat' && (
          <Amount
            label={`Rate [${unit}]`}
            value={rate.flat}
            error={errorOf('flat')}
            onChange={(flat) => edit({ flat })}
          />
        )}
        {rate.kind !== 'none' && withStanding && (
          <Amount
            label="Each month"
            value={rate.standing}
            error={errorOf('standing_charge_per_month')}
            onChange={(standing) => edit({ standing })}
          />
        )}
        {rate.kind !== 'none' && withExport && rate.rest.export === undefined && (
          <Amount
            label={`Sold [${unit}]`}
            value={rate.exported}
            error={errorOf('export')}
            onChange={(exported) => edit({ exported })}
          />
        )}
        {rate.kind !== 'none' && (
          <Amount
            label="Change [%/year]"
            value={rate.changePercent}
            error={errorOf('change_per_year')}
            onChange={(changePercent) => edit({ changePercent })}
          />
        )}
      </Group>
      {rate.kind === 'monthly' && (
        <MonthFields
          label={label}
          rate={rate}
          error={errorOf('monthly')}
          onChange={(monthly) => edit({ monthly })}
        />
      )}
      {rate.kind === 'time_of_use' && (
        <RateWindows
          unit={unit}
          windows={rate.windows}
          error={errorOf('time_of_use')}
          onChange={(windows) => edit({ windows })}
        />
      )}
      {Object.keys(rate.rest).length > 0 && (
        <Text size="xs" c="dimmed">
          Kept as it is: {Object.keys(rate.rest).join(', ')}
        </Text>
      )}
      <FieldError>{errorOf('')}</FieldError>
    </Stack>
  )
}

type AmountProps = {
  label: string
  value: string
  error: string | undefined
  onChange: (value: string) => void
}

function Amount({ label, value, error, onChange }: AmountProps) {
  return (
    <TextInput
      label={label}
      w={label.length > 16 ? 160 : 130}
      inputMode="decimal"
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

type MonthFieldsProps = {
  label: string
  rate: RateDraft
  error: string | undefined
  onChange: (monthly: string[]) => void
}

function MonthFields({ label, rate, error, onChange }: MonthFieldsProps) {
  return (
    <>
      <SimpleGrid cols={{ base: 3, sm: 6, lg: 12 }} spacing={6} verticalSpacing={4}>
        {MONTH_NAMES.map((month, at) => (
          <TextInput
            key={month}
            size="xs"
            label={month}
            aria-label={`${label} in ${month}`}
            inputMode="decimal"
            value={rate.monthly[at] ?? ''}
            error={error !== undefined}
            onChange={(event) => {
              const text = event.currentTarget.value
              onChange(rate.monthly.map((old, position) => (position === at ? text : old)))
            }}
          />
        ))}
      </SimpleGrid>
      <FieldError>{error}</FieldError>
    </>
  )
}
