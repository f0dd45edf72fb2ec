import { Select, Skeleton, Stack, Text } from '@mantine/core'
import { lazy, Suspense } from 'react'

import { FieldError } from '@/components/ui/field-error'
import { Panel } from '@/components/ui/panel'

import type { Method, StudyDraft } from '../draft/draft'
import { METHOD_GROUPS, METHODS } from '../draft/methods'
import { DesignFields } from './design-fields'
import type { PanelProps } from './panel-props'

const ObjectivesField = lazy(() => import('./objectives-field'))
const TableInput = lazy(() => import('@/features/library/components/table-input'))

/** The rule that picks the cases. */
export function DesignPanel({ editor, errorOf }: PanelProps) {
  const { draft, change } = editor
  const { method } = draft
  return (
    <Panel title="Design">
      <Stack gap="sm" align="flex-start">
        <Select
          label="Method"
          w="100%"
          maw={420}
          data={METHOD_GROUPS.map(({ group, items }) => ({
            group,
            items: items.map(({ value, label }) => ({ value, label })),
          }))}
          allowDeselect={false}
          maxDropdownHeight={420}
          value={method}
          description={METHODS.get(method)?.explanation}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          renderOption={({ option }) => <MethodOption method={option.value} />}
          onChange={(chosen) => chosen !== null && change({ method: chosen })}
        />
        <Suspense fallback={<Skeleton h={160} aria-label="Loading" />}>
          {(method === 'nsga2' || method === 'differential_evolution') && (
            <ObjectivesField editor={editor} errorOf={errorOf} />
          )}
          {method === 'table' ? (
            <TableInput
              value={draft.design.table}
              needed={listColumns(draft)}
              error={errorOf('design.rows')}
              onChange={(table) => editor.changeDesign({ table })}
            />
          ) : (
            <DesignFields editor={editor} errorOf={errorOf} />
          )}
        </Suspense>
        <FieldError>{errorOf('design')}</FieldError>
      </Stack>
    </Panel>
  )
}

/** The columns that a row of the table must have. */
function listColumns({ parameters, models, weathers }: StudyDraft): string[] {
  return [
    ...parameters.filter(({ spread }) => spread !== 'derived').map(({ name }) => name),
    ...(models.length > 1 ? ['model'] : []),
    ...(weathers.length > 1 ? ['weather'] : []),
  ]
}

function MethodOption({ method }: { method: Method }) {
  const words = METHODS.get(method)
  return (
    <div>
      <Text size="sm">{words?.label}</Text>
      <Text size="xs" c="dimmed">
        {words?.explanation}
      </Text>
    </div>
  )
}
