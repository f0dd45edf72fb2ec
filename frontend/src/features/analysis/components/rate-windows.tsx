import { ActionIcon, Button, Group, MultiSelect, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'

import { FieldError } from '@/components/ui/field-error'

import { makeWindow, MONTHS, type WindowDraft } from '../draft/valuation'

const DAYS = [
  { value: 'all', label: 'every day' },
  { value: 'weekdays', label: 'weekdays' },
  { value: 'weekends', label: 'weekends' },
  ...['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'].map((day) => ({
    value: `${day.toLowerCase()}s`,
    label: `${day}s`,
  })),
]

const MONTH_OPTIONS = Array.from({ length: MONTHS }, (_month, at) => ({
  value: (at + 1).toString(),
  label: new Intl.DateTimeFormat(undefined, { month: 'short' }).format(new Date(2001, at, 1)),
}))

type RateWindowsProps = {
  unit: string
  windows: readonly WindowDraft[]
  error: string | undefined
  onChange: (windows: WindowDraft[]) => void
}

/** The windows of a time-of-use rate, which cover every hour of the year exactly once. */
export function RateWindows({ unit, windows, error, onChange }: RateWindowsProps) {
  const edit = (at: number, part: Partial<WindowDraft>) =>
    onChange(windows.map((window, position) => (position === at ? { ...window, ...part } : window)))
  return (
    <Stack gap={6}>
      {windows.map((window, at) => (
        <WindowRow
          key={at}
          word={(at + 1).toString()}
          unit={unit}
          window={window}
          isWrong={error !== undefined}
          edit={(part) => edit(at, part)}
          onRemove={() => onChange(windows.filter((_window, position) => position !== at))}
        />
      ))}
      <FieldError>{error}</FieldError>
      <Group gap="sm">
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPlus size={13} />}
          onClick={() => onChange([...windows, makeWindow()])}
        >
          Add a window
        </Button>
        <Text size="xs" c="dimmed">
          Together they cover every hour exactly once.
        </Text>
      </Group>
    </Stack>
  )
}

type WindowRowProps = {
  word: string
  unit: string
  window: WindowDraft
  isWrong: boolean
  edit: (part: Partial<WindowDraft>) => void
  onRemove: () => void
}

function WindowRow({ word, unit, window, isWrong, edit, onRemove }: WindowRowProps) {
  return (
    <Group gap={6} align="flex-end">
      <TextInput
        label="Name"
        aria-label={`Name of window ${word}`}
        w={110}
        size="xs"
        value={window.name}
        onChange={(event) => edit({ name: event.currentTarget.value })}
      />
      <TextInput
        label={unit}
        aria-label={`Rate of window ${word}`}
        w={90}
        size="xs"
        inputMode="decimal"
        error={isWrong}
        value={window.rate}
        onChange={(event) => edit({ rate: event.currentTarget.value })}
      />
      <NativeSelect
        label="Days"
        aria-label={`Days of window ${word}`}
        w={120}
        size="xs"
        data={DAYS}
        value={window.days}
        onChange={(event) => edit({ days: event.currentTarget.value })}
      />
      {(['from', 'to'] as const).map((end) => (
        <TextInput
          key={end}
          label={end === 'from' ? 'From hour' : 'To hour'}
          aria-label={`${end === 'from' ? 'First' : 'Last'} hour of window ${word}`}
          w={80}
          size="xs"
          inputMode="numeric"
          value={window[end]}
          onChange={(event) => edit({ [end]: event.currentTarget.value })}
        />
      ))}
      <MultiSelect
        label="Months"
        aria-label={`Months of window ${word}`}
        flex="1 1 160px"
        size="xs"
        placeholder={window.months.length === 0 ? 'all' : undefined}
        data={MONTH_OPTIONS}
        value={window.months}
        onChange={(months) => edit({ months })}
      />
      <ActionIcon aria-label={`Remove window ${word}`} mb={2} onClick={onRemove}>
        <IconX size={15} />
      </ActionIcon>
    </Group>
  )
}
