import { Group, Input, NativeSelect } from '@mantine/core'

const MONTHS = Array.from({ length: 12 }, (_, month) => ({
  value: twoDigits(month + 1),
  label: new Intl.DateTimeFormat(undefined, { month: 'long' }).format(new Date(2001, month, 1)),
}))

function twoDigits(number: number): string {
  return number.toString().padStart(2, '0')
}

/** Days of a month in a year without leap day: typical weather years have none. */
function listDays(month: string): string[] {
  const count = new Date(2001, Number(month), 0).getDate()
  return Array.from({ length: count }, (_, day) => twoDigits(day + 1))
}

type DayFieldProps = {
  label: string
  value: string
  error: string | undefined
  onChange: (value: string) => void
}

/** A day of the year as MM-DD. */
export function DayField({ label, value, error, onChange }: DayFieldProps) {
  const [month = '01', day = '01'] = value.split('-')
  const days = listDays(month)
  function changeMonth(next: string) {
    const last = listDays(next).at(-1) ?? '28'
    onChange(`${next}-${day > last ? last : day}`)
  }
  return (
    <Input.Wrapper label={label} error={error} labelElement="div">
      <Group gap={6} wrap="nowrap">
        <NativeSelect
          aria-label={`${label}, month`}
          data={MONTHS}
          value={month}
          onChange={(event) => changeMonth(event.currentTarget.value)}
        />
        <NativeSelect
          aria-label={`${label}, day`}
          data={days.map((found) => ({ value: found, label: Number(found).toString() }))}
          value={day}
          onChange={(event) => onChange(`${month}-${event.currentTarget.value}`)}
        />
      </Group>
    </Input.Wrapper>
  )
}
