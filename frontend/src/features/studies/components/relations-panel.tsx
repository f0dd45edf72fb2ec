import { ActionIcon, Button, Group, MultiSelect, Stack, Text, Title } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'

import { FieldError } from '@/components/ui/field-error'
import { Panel } from '@/components/ui/panel'

import { titleOf } from '../draft/parameter-draft'
import { LineList } from './line-list'
import type { PanelProps } from './panel-props'

/** What holds between the parameters: which move together, and what every case must keep to. */
export function RelationsPanel({ editor, errorOf }: PanelProps) {
  const { draft, change } = editor
  const names = draft.parameters.map(({ name }) => name).filter((name) => name !== '')
  return (
    <Panel title="Constraints and links">
      <Stack gap="md">
        <section>
          <Title order={3}>Constraints</Title>
          <Text size="xs" c="dimmed" mb={6}>
            Comparisons that every case must keep to, with the names of parameters{' '}
            {names.length > 0 && `(${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''})`},
            numbers, <code>+ - * / **</code>, <code>and or not</code> and functions such as <code>min</code>{' '}
            and <code>sqrt</code>.
          </Text>
          <LineList
            word="Constraint"
            lines={draft.constraints}
            placeholder={`${names[0] ?? 'one'} + 0.5 * ${names[1] ?? 'other'} <= 0.6`}
            errorAt={(at) => errorOf(`constraints[${at.toString()}]`)}
            onChange={(constraints) => change({ constraints })}
          />
          <FieldError>{errorOf('constraints')}</FieldError>
        </section>
        <LinkedGroups editor={editor} errorOf={errorOf} />
      </Stack>
    </Panel>
  )
}

function LinkedGroups({ editor: { draft, change }, errorOf }: PanelProps) {
  const { parameters, linked } = draft
  const options = parameters.map((parameter) => ({ value: parameter.key, label: titleOf(parameter) }))
  const changeGroup = (at: number, group: string[]) =>
    change({ linked: linked.map((old, position) => (position === at ? group : old)) })
  return (
    <section>
      <Title order={3}>Moving together</Title>
      <Text size="xs" c="dimmed" mb={6}>
        Linked parameters take their values one by one together: first with first, second with second.
      </Text>
      <Stack gap={6}>
        {linked.map((group, at) => (
          <Group key={at} gap={6} wrap="nowrap" align="flex-start">
            <MultiSelect
              aria-label={`Linked parameters ${(at + 1).toString()}`}
              flex={1}
              placeholder={group.length < 2 ? 'Choose at least two parameters' : undefined}
              data={options}
              value={group}
              error={errorOf(`linked[${at.toString()}]`)}
              onChange={(chosen) => changeGroup(at, chosen)}
            />
            <ActionIcon
              aria-label={`Remove link ${(at + 1).toString()}`}
              mt={4}
              onClick={() => change({ linked: linked.filter((_group, position) => position !== at) })}
            >
              <IconX size={15} />
            </ActionIcon>
          </Group>
        ))}
        <Button
          size="compact-xs"
          variant="subtle"
          w="fit-content"
          leftSection={<IconPlus size={13} />}
          disabled={parameters.length < 2}
          onClick={() => change({ linked: [...linked, []] })}
        >
          Link parameters
        </Button>
        <FieldError>{errorOf('linked')}</FieldError>
      </Stack>
    </section>
  )
}
