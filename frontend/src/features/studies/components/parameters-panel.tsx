import { Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { IconAdjustments, IconPlus } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'

import { EmptyState } from '@/components/ui/empty-state'
import { Panel } from '@/components/ui/panel'

import type { PanelProps } from './panel-props'

const ParameterList = lazy(() => import('./parameter-list'))

type ParametersPanelProps = PanelProps & {
  /** Opens the browser of fields: for a new parameter, or one more target of the one with this key. */
  onBrowse: (parameterKey: string | null) => void
  onBrowseMeasures: () => void
}

/** The inputs that vary. */
export function ParametersPanel({ editor, errorOf, onBrowse, onBrowseMeasures }: ParametersPanelProps) {
  const { draft } = editor
  const hasModel = draft.models.length > 0
  const add = (
    <Group gap="xs">
      <AddButton label="Add parameter" disabled={!hasModel} onClick={() => onBrowse(null)} />
      <AddButton label="Add measure" disabled={!hasModel} onClick={onBrowseMeasures} />
    </Group>
  )
  return (
    <Panel title="Parameters" aside={add}>
      {draft.parameters.length === 0 ? (
        <EmptyState icon={IconAdjustments} title="Nothing varies yet">
          {hasModel
            ? 'Add a parameter to choose a field of the model and the values it takes, or a measure that changes more than one field. Without any, the model runs as it is.'
            : 'Choose a building model first; then browse its classes, objects and fields here.'}
        </EmptyState>
      ) : (
        <Stack gap="sm">
          <Suspense fallback={<Skeleton h={180} aria-label="Loading" />}>
            <ParameterList editor={editor} errorOf={errorOf} onAddTarget={onBrowse} />
          </Suspense>
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

type AddButtonProps = { label: string; disabled: boolean; onClick: () => void }

function AddButton({ label, disabled, onClick }: AddButtonProps) {
  return (
    <Button
      size="compact-sm"
      variant="light"
      leftSection={<IconPlus size={15} />}
      disabled={disabled}
      onClick={onClick}
    >
      {label}
    </Button>
  )
}
