import { Group, MultiSelect, NativeSelect, Stack, Text } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'

import { CardAction } from '@/components/ui/card-action'
import { FieldError } from '@/components/ui/field-error'
import { objectsOptions } from '@/features/library/api/library'
import { formatUnit } from '@/format/numbers'

import { findField } from '../draft/describe-values'
import type { Change, ParameterDraft, TargetDraft } from '../draft/parameter-draft'
import type { PanelProps } from './panel-props'
import { ParameterObjects } from './parameter-objects'

const OVERRIDES = [
  { value: '', label: 'as the parameter' },
  { value: 'set', label: 'set' },
  { value: 'scale', label: 'scale' },
  { value: 'add', label: 'add' },
]

type ParameterTargetProps = PanelProps & {
  parameter: ParameterDraft
  target: TargetDraft
  path: string
}

/** One place that a parameter writes to. */
export function ParameterTarget({ parameter, target, path, editor, errorOf }: ParameterTargetProps) {
  const { models } = editor.draft
  const model = models[0] ?? ''
  const contents = useQuery({ ...objectsOptions(model, target.className), enabled: model !== '' })
  const field = findField(contents.data?.fields, target.field)
  const edit = (part: Partial<TargetDraft>) => editor.changeTarget(parameter.key, target.key, part)
  const isOneOfSeveral = parameter.targets.length > 1
  return (
    <Stack gap={4}>
      {isOneOfSeveral && (
        <Group gap={6} justify="space-between" wrap="nowrap">
          <Text size="xs" fw={600}>
            {describeTarget(target)}{' '}
            <Text span inherit fw={400} c="dimmed">
              {formatUnit(field?.units)}
            </Text>
          </Text>
          <CardAction
            label={`Remove target ${describeTarget(target)}`}
            icon={IconX}
            onClick={() => editor.removeTarget(parameter.key, target.key)}
          />
        </Group>
      )}
      <Group gap="sm" align="flex-start">
        <ParameterObjects
          target={target}
          field={field}
          objects={contents.data?.objects ?? []}
          error={errorOf(`${path}.object`)}
          onChange={(objects) => edit({ objects })}
        />
        {(isOneOfSeveral || target.change !== '') && (
          <NativeSelect
            label="Change here"
            w={150}
            data={OVERRIDES}
            value={target.change}
            error={errorOf(`${path}.change`)}
            onChange={(event) => edit({ change: event.currentTarget.value as Change | '' })}
          />
        )}
        {(models.length > 1 || target.optionalIn.length > 0) && (
          <MultiSelect
            label="Need not match in"
            flex="1 1 160px"
            data={[...new Set(['*', ...models, ...target.optionalIn])]}
            value={target.optionalIn}
            error={errorOf(`${path}.optional_in`)}
            onChange={(optionalIn) => edit({ optionalIn })}
          />
        )}
      </Group>
      <FieldError>{errorOf(path)}</FieldError>
    </Stack>
  )
}

export function describeTarget({ className, field }: Pick<TargetDraft, 'className' | 'field'>): string {
  return `${className} › ${typeof field === 'number' ? `field ${field.toString()}` : field}`
}
