import { Group, Text, TextInput } from '@mantine/core'

type LayerFieldsProps = {
  name: string
  numbers: Record<string, string>
  isFixed: boolean
  onChange: (numbers: Record<string, string>) => void
}

const LABELS: Record<string, string> = {
  thickness_m: 'Thickness [m]',
  conductivity_w_mk: 'Conductivity [W/m·K]',
  density_kg_m3: 'Density [kg/m³]',
  specific_heat_j_kgk: 'Specific heat [J/kg·K]',
  resistance_m2k_w: 'Resistance [m²·K/W]',
  thermal_absorptance: 'Thermal absorptance',
  solar_absorptance: 'Solar absorptance',
  visible_absorptance: 'Visible absorptance',
  u_factor_w_m2k: 'U-factor [W/m²·K]',
  shgc: 'SHGC',
  visible_transmittance: 'Visible transmittance',
}

/** The numbers of one layer, or of a glazing. */
export function LayerFields({ name, numbers, isFixed, onChange }: LayerFieldsProps) {
  return (
    <section aria-label={name} style={{ marginTop: 8 }}>
      <Text size="xs" fw={600}>
        {name}
      </Text>
      <Group gap="xs">
        {Object.entries(numbers).map(([key, text]) => (
          <TextInput
            key={key}
            label={LABELS[key] ?? key.replaceAll('_', ' ')}
            size="xs"
            w={150}
            inputMode="decimal"
            readOnly={isFixed}
            value={text}
            onChange={(event) => onChange({ ...numbers, [key]: event.currentTarget.value })}
          />
        ))}
      </Group>
    </section>
  )
}
