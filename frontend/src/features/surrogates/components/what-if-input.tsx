import { Group, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'

import type { SurrogateInput } from '@/api'
import { formatNumber, formatParameterUnit } from '@/format/numbers'

import classes from './what-if-input.module.css'

type WhatIfInputProps = {
  input: SurrogateInput
  value: number | string
  onChange: (value: number | string) => void
}

const STEPS = 200

/** One input of a surrogate: a slider within its trained range beside the number, or one of its texts. */
export function WhatIfInput({ input, value, onChange }: WhatIfInputProps) {
  const { name, unit, low, high, values } = input
  if (low === null || high === null) {
    return (
      <NativeSelect
        label={name}
        data={values}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    )
  }
  const sign = formatParameterUnit(unit)
  return (
    <NumberField
      label={sign === '' ? name : `${name} [${sign}]`}
      low={low}
      high={high}
      value={Number(value)}
      onChange={onChange}
    />
  )
}

type NumberFieldProps = {
  label: string
  low: number
  high: number
  value: number
  onChange: (value: number) => void
}

function NumberField({ label, low, high, value, onChange }: NumberFieldProps) {
  // What is being typed, which need not be a number yet.
  const [typed, setTyped] = useState<string | null>(null)
  const text = typed ?? value.toString()
  const isNumber = text.trim() !== '' && Number.isFinite(Number(text))

  function type(written: string) {
    setTyped(written)
    if (written.trim() !== '' && Number.isFinite(Number(written))) onChange(Number(written))
  }

  return (
    <div>
      <TextInput
        label={label}
        description={`trained from ${formatNumber(low, 4)} to ${formatNumber(high, 4)}`}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        inputMode="decimal"
        error={isNumber ? undefined : 'Write a number.'}
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
        onBlur={() => isNumber && setTyped(null)}
      />
      {low < high && (
        <Group>
          <input
            type="range"
            className={classes.slider}
            aria-label={`Slider of ${label}`}
            min={low}
            max={high}
            step={(high - low) / STEPS}
            value={value}
            onChange={(event) => {
              setTyped(null)
              onChange(Number(Number(event.currentTarget.value).toPrecision(4)))
            }}
          />
        </Group>
      )}
    </div>
  )
}
