import { TagsInput } from '@mantine/core'

import type { Field } from '@/api'
import { formatUnit } from '@/format/numbers'

import { describeContent } from '../draft/describe-field'
import { matchObjects } from '../draft/match-objects'
import type { TargetDraft } from '../draft/parameter-draft'

type ParameterObjectsProps = {
  target: TargetDraft
  /** Undefined until the model has been read, or where the class has no such field. */
  field: Field | undefined
  objects: readonly { name: string; values: readonly string[] }[]
  error: string | undefined
  onChange: (patterns: string[]) => void
}

/** Which objects a target means, and what they have there now. */
export function ParameterObjects({ target, field, objects, error, onChange }: ParameterObjectsProps) {
  const names = [...new Set(objects.map((object) => object.name).filter((name) => name !== ''))]
  return (
    <TagsInput
      label="Objects"
      flex="2 1 260px"
      placeholder={target.objects.length === 0 ? 'Names, or * for all' : undefined}
      data={['*', ...names]}
      maxDropdownHeight={260}
      splitChars={[]}
      value={target.objects}
      error={error}
      description={field === undefined ? undefined : describeMatch(target, field, objects)}
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      onChange={onChange}
    />
  )
}

function describeMatch(target: TargetDraft, field: Field, objects: ParameterObjectsProps['objects']): string {
  const matched = matchObjects(target.objects, objects)
  const { text, blankCount } = describeContent(field.index, matched)
  const parts = [
    `${matched.length.toString()} of ${objects.length.toString()} objects`,
    text === '' ? '' : `now ${text} ${formatUnit(field.units)}`.trim(),
    blankCount > 0 ? `blank in ${blankCount.toString()}` : '',
  ]
  return parts.filter((part) => part !== '').join(' · ')
}
