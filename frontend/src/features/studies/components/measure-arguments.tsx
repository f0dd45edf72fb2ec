import { SimpleGrid, Text } from '@mantine/core'
import { useState } from 'react'

import type { Argument } from '../draft/measure'
import type { ParameterDraft } from '../draft/parameter-draft'
import { ArgumentField } from './argument-field'
import classes from './parameter-card.module.css'

type Given = ParameterDraft['arguments']

type MeasureArgumentsProps = {
  all: readonly Argument[]
  given: Given
  errorOf: (name: string) => string | undefined
  onChange: (part: Given) => void
}

/** What a measure is told besides its value: what must be chosen in view, what has a default one click away. */
export function MeasureArguments({ all, given, errorOf, onChange }: MeasureArgumentsProps) {
  // what is filled in meanwhile stays where it is, or it would lose the focus
  const [givenAtFirst] = useState(
    () => new Set(Object.keys(given).filter((name) => (given[name] ?? '').length > 0)),
  )
  const isInView = ({ name, isRequired, kind, choices }: Argument) =>
    isRequired ||
    givenAtFirst.has(name) ||
    errorOf(name) !== undefined ||
    (kind === 'choice' && choices[0] !== 'true')
  const first = all.filter(isInView)
  const others = all.filter((argument) => !isInView(argument))
  const show = (argument: Argument) => (
    <ArgumentField
      key={argument.name}
      argument={argument}
      value={given[argument.name]}
      error={errorOf(argument.name)}
      onChange={(value) => onChange({ [argument.name]: value })}
    />
  )
  return (
    <>
      {first.length > 0 && <SimpleGrid cols={{ base: 1, sm: 2 }}>{first.map(show)}</SimpleGrid>}
      {others.length > 0 && (
        <details className={classes.more}>
          <summary>
            <Text span size="xs">
              {others.length} more, as they are by default: {others.map(({ title }) => title).join(', ')}
            </Text>
          </summary>
          <SimpleGrid cols={{ base: 1, sm: 2 }} mt={6}>
            {others.map(show)}
          </SimpleGrid>
        </details>
      )}
    </>
  )
}
