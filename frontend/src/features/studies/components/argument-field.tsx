import { MultiSelect, NativeSelect, TextInput } from '@mantine/core'

import type { Argument } from '../draft/measure'

type ArgumentFieldProps = {
  argument: Argument
  value: string | string[] | undefined
  error: string | undefined
  onChange: (value: string | string[]) => void
}

/** One argument of a measure, by the form that its schema asks for. */
export function ArgumentField({ argument, value, error, onChange }: ArgumentFieldProps) {
  const { title, description, kind, choices, fallback, isRequired } = argument
  const common = {
    label: title,
    description,
    error,
    flex: '1 1 200px',
    inputWrapperOrder: ['label' as const, 'input' as const, 'error' as const, 'description' as const],
  }
  if (kind === 'choices') {
    return (
      <MultiSelect
        {...common}
        data={[...choices]}
        value={typeof value === 'string' ? [value] : (value ?? [])}
        onChange={onChange}
      />
    )
  }
  const text = typeof value === 'string' ? value : (value ?? []).join(', ')
  if (kind === 'choice') {
    const blank = fallback === '' ? (isRequired ? 'Choose…' : 'none') : `${fallback} (if nothing is chosen)`
    const known = text === '' || choices.includes(text) ? choices : [...choices, text]
    return (
      <NativeSelect
        {...common}
        data={[{ value: '', label: blank }, ...known]}
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    )
  }
  return (
    <TextInput
      {...common}
      inputMode={kind === 'number' ? 'decimal' : 'text'}
      placeholder={fallback}
      value={text}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}
