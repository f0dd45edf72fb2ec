import { Button, Stack, Text } from '@mantine/core'
import { IconAdjustments, IconPlus } from '@tabler/icons-react'

import { EmptyState } from '@/components/ui/empty-state'
import { Panel } from '@/components/ui/panel'

import type { PanelProps } from './panel-props'
import { ParameterCard } from './parameter-card'

/** The inputs that vary. */
export function ParametersPanel({ editor, errorOf, onBrowse }: PanelProps & { onBrowse: () => void }) {
  const { draft } = editor
  const hasModel = draft.models.length > 0
  const add = (
    <Button
      size="compact-sm"
      variant="light"
      leftSection={<IconPlus size={15} />}
      disabled={!hasModel}
      onClick={onBrowse}
    >
      Add parameter
    </Button>
  )
  return (
    <Panel title="Parameters" aside={add}>
      {draft.parameters.length === 0 ? (
        <EmptyState icon={IconAdjustments} title="Nothing varies yet">
          {hasModel
            ? 'Add a parameter to choose a field of the model and the values it takes. Without any, the model runs as it is.'
            : 'Choose a building model first; then browse its classes, objects and fields here.'}
        </EmptyState>
      ) : (
        <Stack gap="sm">
          {draft.parameters.map((parameter, index) => (
            <ParameterCard
              key={parameter.key}
              parameter={parameter}
              path={`parameters[${index.toString()}]`}
              model={draft.models[0] ?? ''}
              method={draft.method}
              editor={editor}
              errorOf={errorOf}
            />
          ))}
          {draft.models.length > 1 && (
            <Text size="xs" c="dimmed">
              Units and present values are those of {draft.models[0]}; the targets are checked in every model.
            </Text>
          )}
        </Stack>
      )}
    </Panel>
  )
}
