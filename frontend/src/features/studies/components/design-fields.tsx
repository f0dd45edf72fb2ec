import { Group, Stack, Switch, TextInput } from '@mantine/core'

import type { DesignDraft, Method } from '../draft/draft'
import type { PanelProps } from './panel-props'

type TextKey = 'levels' | 'samples' | 'seed' | 'trajectories' | 'steps' | 'population' | 'generations'
type FlagKey = 'centred' | 'maximin' | 'secondOrder'
type FieldWords = { path: string; label: string; description?: string; placeholder?: string }

const TEXTS: Record<TextKey, FieldWords> = {
  levels: {
    path: 'levels',
    label: 'Levels of a range',
    description: 'How many values a continuous range is divided into; lists have their own.',
    placeholder: 'none',
  },
  samples: { path: 'samples', label: 'Samples' },
  seed: { path: 'seed', label: 'Seed', description: 'The same seed gives the same cases.' },
  trajectories: { path: 'trajectories', label: 'Trajectories', description: '10 to 50 are usual.' },
  steps: {
    path: 'levels',
    label: 'Levels',
    description: 'Of the grid that the trajectories walk on; an even number.',
  },
  population: { path: 'population', label: 'Population', description: 'Cases of a generation.' },
  generations: { path: 'generations', label: 'Generations', description: 'The first included.' },
}

const FLAGS: Record<FlagKey, FieldWords> = {
  centred: {
    path: 'centred',
    label: 'In the middle',
    description: 'Each sample in the middle of its stratum.',
  },
  maximin: {
    path: 'optimise',
    label: 'Maximin',
    description: 'The smallest distance between two samples as large as it can be.',
  },
  secondOrder: {
    path: 'second_order',
    label: 'Second order',
    description: 'Indices of pairs of parameters as well; about twice as many cases.',
  },
}

const SAMPLED: readonly TextKey[] = ['samples', 'seed']
const EVOLVED: readonly TextKey[] = ['population', 'generations', 'seed']

const USED: Record<Method, { texts: readonly TextKey[]; flags?: readonly FlagKey[] }> = {
  grid: { texts: ['levels'] },
  one_at_a_time: { texts: ['levels'] },
  lhs: { texts: SAMPLED, flags: ['centred', 'maximin'] },
  sobol: { texts: SAMPLED },
  halton: { texts: SAMPLED },
  random: { texts: SAMPLED },
  morris: { texts: ['trajectories', 'steps', 'seed'] },
  saltelli: { texts: SAMPLED, flags: ['secondOrder'] },
  table: { texts: [] },
  nsga2: { texts: EVOLVED },
  differential_evolution: { texts: EVOLVED },
}

/** What the chosen design is told. */
export function DesignFields({ editor, errorOf }: PanelProps) {
  const { method, design } = editor.draft
  const { texts, flags = [] } = USED[method]
  const change = (part: Partial<DesignDraft>) => editor.changeDesign(part)
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-start">
        {texts.map((key) => {
          const { path, ...words } = TEXTS[key]
          return (
            <TextInput
              key={key}
              {...words}
              w={key === 'levels' ? 240 : 190}
              inputMode="numeric"
              inputWrapperOrder={['label', 'input', 'error', 'description']}
              value={design[key]}
              error={errorOf(`design.${path}`)}
              onChange={(event) => change({ [key]: event.currentTarget.value })}
            />
          )
        })}
      </Group>
      {flags.map((key) => {
        const { path, ...words } = FLAGS[key]
        return (
          <Switch
            key={key}
            {...words}
            checked={design[key]}
            error={errorOf(`design.${path}`)}
            onChange={(event) => change({ [key]: event.currentTarget.checked })}
          />
        )
      })}
    </Stack>
  )
}
