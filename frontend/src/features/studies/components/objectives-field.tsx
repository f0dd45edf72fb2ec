import { ActionIcon, Autocomplete, Button, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'

import { FieldError } from '@/components/ui/field-error'

import { USUAL_METRICS } from '../draft/usual-metrics'
import type { Goal, ObjectiveDraft } from '../draft/draft'
import { makeKey } from '../draft/parameter-draft'
import { LineList } from './line-list'
import type { PanelProps } from './panel-props'

const MOST_OBJECTIVES = 4
const GOALS = [
  { value: 'minimise', label: 'as small as can be' },
  { value: 'maximise', label: 'as large as can be' },
]

/** What an optimiser is after, and what its solutions must keep to. */
export default function ObjectivesField({ editor, errorOf }: PanelProps) {
  const { method, design } = editor.draft
  const most = method === 'nsga2' ? MOST_OBJECTIVES : 1
  const set = (objectives: ObjectiveDraft[]) => editor.changeDesign({ objectives })
  const edit = (key: string, part: Partial<ObjectiveDraft>) =>
    set(design.objectives.map((found) => (found.key === key ? { ...found, ...part } : found)))
  return (
    <Stack gap="sm" w="100%">
      <Stack gap={6}>
        <Text size="sm" fw={500}>
          {most === 1 ? 'Objective' : 'Objectives'}
        </Text>
        {design.objectives.slice(0, most).map((objective, at) => (
          <Group key={objective.key} gap={6} wrap="nowrap" align="flex-start">
            <Autocomplete
              aria-label={`Metric ${(at + 1).toString()}`}
              flex={2}
              placeholder="Metric of the result table"
              data={[...USUAL_METRICS]}
              value={objective.metric}
              error={errorOf(`design.objectives[${at.toString()}]`)}
              onChange={(metric) => edit(objective.key, { metric })}
            />
            <NativeSelect
              aria-label={`Goal ${(at + 1).toString()}`}
              flex={1}
              data={GOALS}
              value={objective.goal}
              onChange={(event) => edit(objective.key, { goal: event.currentTarget.value as Goal })}
            />
            <ActionIcon
              aria-label={`Remove objective ${(at + 1).toString()}`}
              mt={4}
              onClick={() => set(design.objectives.filter(({ key }) => key !== objective.key))}
            >
              <IconX size={15} />
            </ActionIcon>
          </Group>
        ))}
        {design.objectives.length < most && (
          <Button
            size="compact-xs"
            variant="subtle"
            w="fit-content"
            leftSection={<IconPlus size={13} />}
            onClick={() => set([...design.objectives, { key: makeKey(), metric: '', goal: 'minimise' }])}
          >
            Add objective
          </Button>
        )}
        <FieldError>{errorOf('design.objectives')}</FieldError>
      </Stack>
      <Stack gap={6}>
        <Text size="sm" fw={500}>
          Limits
        </Text>
        <LineList
          word="Limit"
          lines={design.limits}
          placeholder="unmet_heating_hours <= 300"
          errorAt={(at) => errorOf(`design.limits[${at.toString()}]`)}
          onChange={(limits) => editor.changeDesign({ limits })}
        />
        <FieldError>{errorOf('design.limits')}</FieldError>
      </Stack>
    </Stack>
  )
}
