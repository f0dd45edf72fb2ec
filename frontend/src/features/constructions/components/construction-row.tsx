import { Group, Paper, Text, TextInput } from '@mantine/core'

import type { ShownConstruction } from '@/api'
import { formatNumber } from '@/format/numbers'

import { FIGURES, type ConstructionDraft, type Figure } from '../draft/set-draft'
import { LayerFields } from './layer-fields'

type ConstructionRowProps = {
  construction: ShownConstruction
  draft: ConstructionDraft
  currency: string
  /** Whether the set is not one's own. */
  isFixed: boolean
  onChange: (part: Partial<ConstructionDraft>) => void
}

/** One construction: its layers from outside to inside, what it costs, what carbon is in it, how long it lasts. */
export function ConstructionRow({ construction, draft, currency, isFixed, onChange }: ConstructionRowProps) {
  const { name, u_factor: uFactor, layers = [], glazing } = construction
  const labels: Record<Figure, string> = {
    cost_per_m2: `Cost [${currency}/m²]`,
    embodied_carbon_kgco2e_m2: 'Carbon [kgCO₂e/m²]',
    service_life_years: 'Life [years]',
  }
  return (
    <Paper withBorder p="sm" component="fieldset" aria-label={name}>
      <Group justify="space-between" align="baseline" mb={4}>
        <Text size="sm" fw={600}>
          {name}
        </Text>
        {uFactor !== null && (
          <Text size="xs" c="dimmed">
            U {formatNumber(uFactor, 3)} W/m²·K
          </Text>
        )}
      </Group>
      <Group gap="sm" align="flex-start">
        {FIGURES.map((figure) => (
          <TextInput
            key={figure}
            label={labels[figure]}
            size="xs"
            w={150}
            inputMode="decimal"
            placeholder="not known"
            readOnly={isFixed}
            value={draft.figures[figure]}
            onChange={(event) =>
              onChange({ figures: { ...draft.figures, [figure]: event.currentTarget.value } })
            }
          />
        ))}
        <TextInput
          label="Source"
          size="xs"
          flex="1 1 220px"
          readOnly={isFixed}
          value={draft.source}
          onChange={(event) => onChange({ source: event.currentTarget.value })}
        />
      </Group>
      <details style={{ marginTop: 8 }}>
        <summary style={{ cursor: 'pointer' }}>
          <Text span size="xs" c="dimmed">
            {glazing === null || glazing === undefined
              ? layers.map((layer) => layer.name).join(' · ')
              : 'Glazing'}
          </Text>
        </summary>
        {layers.map((layer, at) => (
          <LayerFields
            key={`${at.toString()} ${layer.name}`}
            name={layer.name}
            numbers={draft.layers[at] ?? {}}
            isFixed={isFixed}
            onChange={(numbers) =>
              onChange({
                layers: draft.layers.map((old, position) => (position === at ? numbers : old)),
              })
            }
          />
        ))}
        {glazing !== null && glazing !== undefined && (
          <LayerFields
            name="Glazing"
            numbers={draft.glazing}
            isFixed={isFixed}
            onChange={(numbers) => onChange({ glazing: numbers })}
          />
        )}
      </details>
    </Paper>
  )
}
