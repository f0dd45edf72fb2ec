import { Group, NativeSelect, Select, Switch } from '@mantine/core'

import type { Batch, Column } from '@/api'
import { useRefNames } from '@/features/library/api/names'
import { formatUnit } from '@/format/numbers'

import { METHODS, type SensitivityWish } from '../api/sensitivity'

type SensitivityControlsProps = {
  batch: Batch
  metrics: readonly Column[]
  wish: SensitivityWish
  onChange: (part: Partial<SensitivityWish>) => void
}

/** The metric, the method, and the cases that are asked about. */
export function SensitivityControls({ batch, metrics, wish, onChange }: SensitivityControlsProps) {
  const { model, weather } = batch.study as Record<string, unknown>
  return (
    <Group gap="sm" align="flex-end">
      <Select
        label="Metric"
        flex="2 1 260px"
        maw={380}
        searchable
        allowDeselect={false}
        maxDropdownHeight={360}
        data={metrics.map(({ name, label, unit }) => ({
          value: name,
          label: [label, formatUnit(unit)].filter((part) => part !== '').join(' · '),
        }))}
        value={wish.metric}
        onChange={(metric) => metric !== null && onChange({ metric })}
      />
      <NativeSelect
        label="Method"
        flex="1 1 200px"
        maw={260}
        data={[...METHODS]}
        value={wish.method ?? 'auto'}
        onChange={(event) => onChange({ method: event.currentTarget.value as SensitivityWish['method'] })}
      />
      <PlaceSelect kind="weather" refs={weather} wish={wish} onChange={onChange} />
      <PlaceSelect kind="model" refs={model} wish={wish} onChange={onChange} />
      {batch.verdicts.suspect > 0 && (
        <Switch
          label="With suspect cases"
          mb={8}
          checked={wish.suspect === 'keep'}
          onChange={(event) => onChange({ suspect: event.currentTarget.checked ? 'keep' : undefined })}
        />
      )}
    </Group>
  )
}

type PlaceSelectProps = Pick<SensitivityControlsProps, 'wish' | 'onChange'> & {
  kind: 'model' | 'weather'
  /** One reference or a list of them, as the study has it. */
  refs: unknown
}

/** One of several weathers or models, or all of them together. */
function PlaceSelect({ kind, refs, wish, onChange }: PlaceSelectProps) {
  const several = Array.isArray(refs) ? refs.map(String) : []
  const nameOf = useRefNames(kind === 'model' ? 'models' : 'weather', several)
  if (several.length < 2) return null
  return (
    <NativeSelect
      label={kind === 'model' ? 'Model' : 'Weather'}
      flex="1 1 150px"
      maw={220}
      data={[{ value: '', label: 'all' }, ...several.map((ref) => ({ value: ref, label: nameOf(ref) }))]}
      value={wish[kind] ?? ''}
      onChange={(event) => onChange({ [kind]: event.currentTarget.value || undefined })}
    />
  )
}
