import {
  ActionIcon,
  Group,
  Input,
  Paper,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  Tooltip,
} from '@mantine/core'
import { IconCopy, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'

import { objectsOptions } from '@/features/library/api/library'
import { formatUnit } from '@/format/numbers'

import { isNumeric } from '../draft/describe-field'
import type { Change, Method, ParameterDraft } from '../draft/draft'
import type { PanelProps } from './panel-props'
import classes from './parameter-card.module.css'
import { ParameterObjects } from './parameter-objects'
import { ParameterValues } from './parameter-values'

const CHANGES: { value: Change; label: string }[] = [
  { value: 'set', label: 'Set' },
  { value: 'scale', label: 'Scale' },
  { value: 'add', label: 'Add' },
]

type ParameterCardProps = PanelProps & {
  parameter: ParameterDraft
  path: string
  /** The model whose fields are shown: the first chosen. */
  model: string
  method: Method
}

/** One parameter: its name, where it is written, how, and the values it takes. */
export function ParameterCard({ parameter, path, model, method, editor, errorOf }: ParameterCardProps) {
  const contents = useQuery({ ...objectsOptions(model, parameter.className), enabled: model !== '' })
  const field = contents.data?.fields.find((known) => known.name === parameter.field)
  const objects = contents.data?.objects ?? []
  const edit = (part: Partial<ParameterDraft>) => editor.changeParameter(parameter.key, part)
  const problem = [errorOf(path), errorOf(`${path}.target`), errorOf(`${path}.change`)]
    .filter(Boolean)
    .join(' ')

  return (
    <Paper withBorder p="sm" component="fieldset" aria-label={`Parameter ${parameter.name}`}>
      <Stack gap={8}>
        <Group justify="space-between" wrap="nowrap" align="center">
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {parameter.className} › {parameter.field}{' '}
            <Text span size="xs" c="dimmed" fw={400}>
              {formatUnit(parameter.unit)}
            </Text>
          </Text>
          <Group gap={2} wrap="nowrap">
            <CardAction
              label="Duplicate"
              icon={IconCopy}
              onClick={() => editor.repeatParameter(parameter.key)}
            />
            <CardAction
              label="Remove"
              icon={IconTrash}
              onClick={() => editor.removeParameter(parameter.key)}
            />
          </Group>
        </Group>
        <Group gap="sm" align="flex-start" grow preventGrowOverflow={false}>
          <TextInput
            label="Name"
            flex="1 1 200px"
            value={parameter.name}
            error={errorOf(`${path}.name`)}
            onChange={(event) => edit({ name: event.currentTarget.value })}
          />
          <ParameterObjects
            parameter={parameter}
            fieldIndex={field?.index}
            objects={objects}
            error={errorOf(`${path}.target.object`)}
            onChange={(patterns) => edit({ objects: patterns })}
          />
        </Group>
        <Group gap="sm" align="flex-start" wrap="nowrap">
          <Input.Wrapper label="Change" labelElement="div" className={classes.change}>
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
            field={field}
            path={path}
            method={method}
            errorOf={errorOf}
            edit={edit}
          />
        </Group>
        {problem !== '' && (
          <Text size="xs" c="var(--mantine-color-error)" role="alert">
            {problem}
          </Text>
        )}
      </Stack>
    </Paper>
  )
}

type CardActionProps = { label: string; icon: typeof IconCopy; onClick: () => void }

function CardAction({ label, icon: Sign, onClick }: CardActionProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} size="sm" onClick={onClick}>
        <Sign size={15} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  )
}
