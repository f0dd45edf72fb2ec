import { MultiSelect, NativeSelect, TagsInput, TextInput } from '@mantine/core'

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
  if (kind === 'names') {
    const names = typeof value === 'string' ? [value] : (value ?? [])
    return (
      <TagsInput
        {...common}
        splitChars={[]}
        placeholder={names.length === 0 ? fallback : undefined}
        value={names}
        onChange={onChange}
      />
    )
  }
  const text = typeof value === 'string' ? value : (value ?? []).join(', ')
  if (kind === 'choice') {
    const blank = fallback === '' ? (isRequired ? 'Choose…' : 'none') : nameChoice(fallback)
    const known = text === '' || choices.includes(text) ? choices : [...choices, text]
    return (
      <NativeSelect
        {...common}
        data={[
          { value: '', label: blank },
          ...known
            .filter((choice) => choice !== fallback || choice === text)
            .map((choice) => ({ value: choice, label: nameChoice(choice) })),
        ]}
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

function nameChoice(choice: string): string {
  const words: Record<string, string> = { true: 'yes', false: 'no' }
  return words[choice] ?? choice.replaceAll('_', ' ')
}
