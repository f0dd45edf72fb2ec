import { Button, Group, Input, Paper, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { IconCopy, IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'

import { CardAction } from '@/components/ui/card-action'
import { FieldError } from '@/components/ui/field-error'
import { objectsOptions } from '@/features/library/api/library'
import { formatUnit } from '@/format/numbers'

import { isNumeric } from '../draft/describe-field'
import { findField, meaningOfField } from '../draft/describe-values'
import { targetPath } from '../draft/list-missing'
import { titleOf, type Change, type ParameterDraft } from '../draft/parameter-draft'
import type { PanelProps } from './panel-props'
import classes from './parameter-card.module.css'
import { describeTarget, ParameterTarget } from './parameter-target'
import { ParameterValues } from './parameter-values'

const CHANGES: { value: Change; label: string }[] = [
  { value: 'set', label: 'Set' },
  { value: 'scale', label: 'Scale' },
  { value: 'add', label: 'Add' },
]

export type ParameterCardProps = PanelProps & {
  parameter: ParameterDraft
  path: string
  /** Opens the browser for one more target of this parameter. */
  onAddTarget: (key: string) => void
}

/** One parameter: its name, where it is written, how, and the values it takes. */
export function ParameterCard({ parameter, path, editor, errorOf, onAddTarget }: ParameterCardProps) {
  const { draft } = editor
  const model = draft.models[0] ?? ''
  const [first] = parameter.targets
  const contents = useQuery({
    ...objectsOptions(model, first?.className ?? ''),
    enabled: model !== '' && first !== undefined,
  })
  const field = findField(contents.data?.fields, first?.field ?? '')
  const edit = (part: Partial<ParameterDraft>) => editor.changeParameter(parameter.key, part)
  const count = parameter.targets.length
  return (
    <Paper withBorder p="sm" component="fieldset" aria-label={`Parameter ${parameter.name}`}>
      <Stack gap={8}>
        <CardHead
          title={count === 1 && first !== undefined ? describeTarget(first) : `${count.toString()} targets`}
          unit={count === 1 ? formatUnit(field?.units) : ''}
          parameter={parameter}
          editor={editor}
        />
        <NameFields
          parameter={parameter}
          path={path}
          errorOf={errorOf}
          edit={edit}
          unit={field?.units ?? ''}
        />
        {parameter.targets.map((target, position) => (
          <ParameterTarget
            key={target.key}
            parameter={parameter}
            target={target}
            path={targetPath(path, count, position)}
            editor={editor}
            errorOf={errorOf}
          />
        ))}
        <Button
          size="compact-xs"
          variant="subtle"
          w="fit-content"
          leftSection={<IconPlus size={13} />}
          disabled={model === ''}
          onClick={() => onAddTarget(parameter.key)}
        >
          Write to another field as well
        </Button>
        <Group gap="sm" align="flex-start">
          <Input.Wrapper
            label="Change"
            labelElement="div"
            className={classes.change}
            error={errorOf(`${path}.change`)}
          >
            <SegmentedControl
              aria-label="Change"
              data={CHANGES.map((choice) => ({
                ...choice,
                disabled: choice.value !== 'set' && field !== undefined && !isNumeric(field),
              }))}
              value={parameter.change}
              onChange={(change) => edit({ change })}
            />
          </Input.Wrapper>
          <ParameterValues
            parameter={parameter}
            meaning={meaningOfField(parameter, field)}
            path={path}
            method={draft.method}
            errorOf={errorOf}
            edit={edit}
          />
        </Group>
        <FieldError>
          {[errorOf(path), count > 1 ? errorOf(`${path}.target`) : undefined].filter(Boolean).join(' ')}
        </FieldError>
      </Stack>
    </Paper>
  )
}

type CardHeadProps = Pick<PanelProps, 'editor'> & { title: string; unit: string; parameter: ParameterDraft }

export function CardHead({ title, unit, parameter, editor }: CardHeadProps) {
  return (
    <Group justify="space-between" wrap="nowrap" align="center">
      <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
        {title}{' '}
        <Text span size="xs" c="dimmed" fw={400}>
          {unit}
        </Text>
      </Text>
      <Group gap={2} wrap="nowrap">
        <CardAction label="Duplicate" icon={IconCopy} onClick={() => editor.repeatParameter(parameter.key)} />
        <CardAction label="Remove" icon={IconTrash} onClick={() => editor.removeParameter(parameter.key)} />
      </Group>
    </Group>
  )
}

type NameFieldsProps = Pick<PanelProps, 'errorOf'> & {
  parameter: ParameterDraft
  path: string
  /** Of the field or the measure: what the values have where none is declared. */
  unit: string
  edit: (part: Partial<ParameterDraft>) => void
}

export function NameFields({ parameter, path, unit, errorOf, edit }: NameFieldsProps) {
  return (
    <Group gap="sm" align="flex-start">
      <TextInput
        label="Name"
        flex="2 1 180px"
        value={parameter.name}
        error={errorOf(`${path}.name`)}
        onChange={(event) => edit({ name: event.currentTarget.value })}
      />
      <TextInput
        label="Label"
        flex="2 1 160px"
        placeholder={titleOf({ ...parameter, label: '' })}
        value={parameter.label}
        error={errorOf(`${path}.label`)}
        onChange={(event) => edit({ label: event.currentTarget.value })}
      />
      <TextInput
        label="Unit"
        flex="0 1 90px"
        placeholder={parameter.change === 'scale' ? '1' : unit}
        value={parameter.unit}
        error={errorOf(`${path}.unit`)}
        onChange={(event) => edit({ unit: event.currentTarget.value })}
      />
    </Group>
  )
}
