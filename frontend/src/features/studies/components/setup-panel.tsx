import { SimpleGrid, Stack, TextInput } from '@mantine/core'

import { Panel } from '@/components/ui/panel'
import { LibraryPicker } from '@/features/library/components/library-picker'

import type { PanelProps } from './panel-props'

export function SetupPanel({ editor: { draft, change }, errorOf }: PanelProps) {
  return (
    <Panel title="Building and weather">
      <Stack gap="sm">
        <TextInput
          label="Name of the batch"
          placeholder="Warehouse envelope"
          value={draft.name}
          error={errorOf('name')}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          <LibraryPicker
            kind="models"
            value={draft.models}
            error={errorOf('model')}
            onChange={(models) => change({ models })}
          />
          <LibraryPicker
            kind="weather"
            value={draft.weathers}
            error={errorOf('weather')}
            onChange={(weathers) => change({ weathers })}
          />
        </SimpleGrid>
      </Stack>
    </Panel>
  )
}
