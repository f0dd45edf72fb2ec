import { Button, Group, MultiSelect, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import { toApiError, type Batch } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { WANTED_KINDS, type WantedKind } from '@/features/surrogates/api/kinds'
import { useTrainSurrogate } from '@/features/surrogates/api/surrogates'
import { formatUnit } from '@/format/numbers'

import { columnsOptions } from '../api/batches'

const FIELDS = ['name', 'kind', 'metrics']

/** What a surrogate is to be called, to be, and to answer for. */
export default function TrainForm({ batch, onDone }: { batch: Batch; onDone: () => void }) {
  const [name, setName] = useState(batch.name)
  const [kind, setKind] = useState<WantedKind>('auto')
  const [metrics, setMetrics] = useState<string[]>([])
  const columns = useQuery(columnsOptions(batch.id))
  const train = useTrainSurrogate()
  const navigate = useNavigate()
  const refusal = train.error === null ? null : toApiError(train.error)
  const errorOf = (field: string) =>
    refusal?.entries.find(({ path }) => path === field || path.startsWith(`${field}.`))?.message
  const isPlaced = refusal?.entries.length === 1 && FIELDS.some((field) => errorOf(field) !== undefined)

  function submit() {
    const wish = metrics.length > 0 ? { metrics } : {}
    train.mutate(
      { batches: [batch.id], name: name.trim(), kind, ...wish },
      {
        onSuccess: ({ id }) => {
          onDone()
          void navigate({ to: '/surrogates/$surrogateId', params: { surrogateId: id } })
        },
      },
    )
  }

  return (
    <Stack>
      <TextInput
        label="Name"
        data-autofocus
        value={name}
        error={errorOf('name')}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <NativeSelect
        label="Kind"
        data={[...WANTED_KINDS]}
        value={kind}
        error={errorOf('kind')}
        onChange={(event) => setKind(event.currentTarget.value as WantedKind)}
      />
      <MultiSelect
        label="Metrics"
        description="None chosen: all that vary and that every case has."
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        searchable
        data={(columns.data ?? [])
          .filter((column) => column.kind === 'metric')
          .map(({ name: value, label, unit }) => ({
            value,
            label: [label, formatUnit(unit)].filter((part) => part !== '').join(' · '),
          }))}
        value={metrics}
        error={errorOf('metrics')}
        onChange={setMetrics}
      />
      {columns.error !== null && <ErrorNotice error={columns.error} onRetry={() => void columns.refetch()} />}
      {refusal !== null && !isPlaced && <ErrorNotice error={refusal} title="Not trained" />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onDone}>
          Not now
        </Button>
        <Button loading={train.isPending} onClick={submit}>
          Train the surrogate
        </Button>
      </Group>
    </Stack>
  )
}
