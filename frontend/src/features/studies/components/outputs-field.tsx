import { ActionIcon, Button, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'

import { FieldError } from '@/components/ui/field-error'

import type { OutputDraft } from '../draft/draft'
import { makeKey } from '../draft/parameter-draft'
import type { PanelProps } from './panel-props'

const FREQUENCIES = [
  { value: 'timestep', label: 'each time step' },
  { value: 'hourly', label: 'hourly' },
  { value: 'daily', label: 'daily' },
  { value: 'monthly', label: 'monthly' },
  { value: 'run_period', label: 'once' },
]

/** Time series that every case reports besides the metrics. */
export function OutputsField({ editor: { draft, change }, errorOf }: PanelProps) {
  const { outputs } = draft
  const add = () =>
    change({
      outputs: [...outputs, { key: makeKey(), kind: 'meter', name: '', of: '', frequency: 'hourly' }],
    })
  const edit = (key: string, part: Partial<OutputDraft>) =>
    change({ outputs: outputs.map((output) => (output.key === key ? { ...output, ...part } : output)) })
  return (
    <section style={{ width: '100%' }}>
      <Title order={3}>Time series</Title>
      <Text size="xs" c="dimmed" mb={6}>
        Meters and variables of the engine, reported in each case besides the metrics.
      </Text>
      <Stack gap={6}>
        {outputs.map((output, at) => (
          <div key={output.key}>
            <OutputRow
              output={output}
              word={(at + 1).toString()}
              isWrong={errorOf(`outputs[${at.toString()}]`) !== undefined}
              edit={(part) => edit(output.key, part)}
              onRemove={() => change({ outputs: outputs.filter(({ key }) => key !== output.key) })}
            />
            <FieldError>{errorOf(`outputs[${at.toString()}]`)}</FieldError>
          </div>
        ))}
        <Button
          size="compact-xs"
          variant="subtle"
          w="fit-content"
          leftSection={<IconPlus size={13} />}
          onClick={add}
        >
          Add time series
        </Button>
        <FieldError>{errorOf('outputs')}</FieldError>
      </Stack>
    </section>
  )
}

type OutputRowProps = {
  output: OutputDraft
  word: string
  isWrong: boolean
  edit: (part: Partial<OutputDraft>) => void
  onRemove: () => void
}

function OutputRow({ output, word, isWrong, edit, onRemove }: OutputRowProps) {
  const { kind, name, of, frequency } = output
  return (
    <Group gap={6} align="flex-start">
      <NativeSelect
        aria-label={`Kind of series ${word}`}
        w={110}
        data={['meter', 'variable']}
        value={kind}
        onChange={(event) => edit({ kind: event.currentTarget.value as OutputDraft['kind'] })}
      />
      <TextInput
        aria-label={`Name of series ${word}`}
        flex="2 1 180px"
        placeholder={kind === 'meter' ? 'Electricity:Facility' : 'Zone Mean Air Temperature'}
        value={name}
        error={isWrong}
        onChange={(event) => edit({ name: event.currentTarget.value })}
      />
      {kind === 'variable' && (
        <TextInput
          aria-label={`Whose series ${word}`}
          flex="1 1 110px"
          placeholder="* (all)"
          value={of}
          onChange={(event) => edit({ of: event.currentTarget.value })}
        />
      )}
      <NativeSelect
        aria-label={`Frequency of series ${word}`}
        w={140}
        data={FREQUENCIES}
        value={frequency}
        onChange={(event) => edit({ frequency: event.currentTarget.value })}
      />
      <ActionIcon aria-label={`Remove series ${word}`} mt={4} onClick={onRemove}>
        <IconX size={15} />
      </ActionIcon>
    </Group>
  )
}
