import { Button, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'

import { toApiError, type Batch } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import TableInput from '@/features/library/components/table-input'
import { parseTable } from '@/format/parse-table'

import { designOf } from '../api/batches'
import { useExtendBatch } from '../api/extend'

/** Designs that go on as they began; to all others one adds points of one's own. */
const CONTINUED: Record<string, string> = {
  sobol: 'More cases',
  halton: 'More cases',
  random: 'More cases',
  morris: 'More trajectories',
  saltelli: 'More base samples',
}

/** What a batch is to be extended by. */
export default function ExtendForm({ batch, onDone }: { batch: Batch; onDone: () => void }) {
  const word = CONTINUED[designOf(batch)]
  const [kind, setKind] = useState(word === undefined ? 'rows' : 'samples')
  const [samples, setSamples] = useState('')
  const [table, setTable] = useState('')
  const extend = useExtendBatch(batch.id)
  const { rows, problems } = parseTable(table)
  const isReady =
    kind === 'samples' ? /^[1-9]\d*$/.test(samples.trim()) : rows.length > 0 && problems.length === 0
  const refusal = extend.error === null ? null : toApiError(extend.error)

  function submit() {
    extend.mutate(kind === 'samples' ? { samples: Number(samples) } : { rows }, { onSuccess: onDone })
  }

  return (
    <Stack>
      {word === undefined ? (
        <Text size="sm">
          The design of this batch has an end of its own; points that you choose can still be added.
        </Text>
      ) : (
        <SegmentedControl
          aria-label="How to extend"
          value={kind}
          onChange={setKind}
          data={[
            { value: 'samples', label: 'Go on with the design' },
            { value: 'rows', label: 'Points of your own' },
          ]}
        />
      )}
      {kind === 'samples' ? (
        <TextInput
          label={word}
          description="The same sequence goes on; the cases so far stay as they are."
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          inputMode="numeric"
          data-autofocus
          value={samples}
          onChange={(event) => setSamples(event.currentTarget.value)}
        />
      ) : (
        <TableInput value={table} needed={listColumns(batch)} error={undefined} onChange={setTable} />
      )}
      {refusal !== null && <ErrorNotice error={refusal} title="Not extended" />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onDone}>
          Leave it as it is
        </Button>
        <Button disabled={!isReady} loading={extend.isPending} onClick={submit}>
          Extend the batch
        </Button>
      </Group>
    </Stack>
  )
}

/** The columns that a row needs: every parameter that follows from no others, and what the study has several of. */
function listColumns({ study, parameters }: Batch): string[] {
  const {
    model,
    weather,
    parameters: written = [],
  } = study as {
    model?: unknown
    weather?: unknown
    parameters?: { name: string; derived?: string }[]
  }
  const derived = new Set(
    written.filter((parameter) => parameter.derived !== undefined).map(({ name }) => name),
  )
  return [
    ...parameters.map(({ name }) => name).filter((name) => !derived.has(name)),
    ...(Array.isArray(model) && model.length > 1 ? ['model'] : []),
    ...(Array.isArray(weather) && weather.length > 1 ? ['weather'] : []),
  ]
}
