import { TagsInput } from '@mantine/core'

import { formatUnit } from '@/format/numbers'

import { describeContent } from '../draft/describe-field'
import type { ParameterDraft } from '../draft/draft'
import { matchObjects } from '../draft/match-objects'

type ParameterObjectsProps = {
  parameter: ParameterDraft
  /** Position of the field in an object's values; undefined until the model has been read. */
  fieldIndex: number | undefined
  objects: readonly { name: string; values: readonly string[] }[]
  error: string | undefined
  onChange: (patterns: string[]) => void
}

/** Which objects a parameter writes to, and what they have there now. */
export function ParameterObjects({ parameter, fieldIndex, objects, error, onChange }: ParameterObjectsProps) {
  const names = [...new Set(objects.map((object) => object.name).filter((name) => name !== ''))]
  return (
    <TagsInput
      label="Objects"
      flex="2 1 280px"
      placeholder={parameter.objects.length === 0 ? 'Names, or * for all' : undefined}
      data={['*', ...names]}
      maxDropdownHeight={260}
      splitChars={[]}
      value={parameter.objects}
      error={error}
      description={describeMatch(parameter, fieldIndex, objects)}
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      onChange={onChange}
    />
  )
}

function describeMatch(
  parameter: ParameterDraft,
  fieldIndex: number | undefined,
  objects: ParameterObjectsProps['objects'],
): string | undefined {
  if (fieldIndex === undefined) return undefined
  const matched = matchObjects(parameter.objects, objects)
  const { text, blankCount } = describeContent(fieldIndex, matched)
  const parts = [
    `${matched.length.toString()} of ${objects.length.toString()} objects`,
    text === '' ? '' : `now ${text} ${formatUnit(parameter.unit)}`.trim(),
    blankCount > 0 ? `blank in ${blankCount.toString()}` : '',
  ]
  return parts.filter((part) => part !== '').join(' · ')
}
