import { Skeleton, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { lazy, Suspense, useState } from 'react'

import type { ChosenField } from '../draft/parameter-draft'
import type { PanelProps } from './panel-props'
import { ParametersPanel } from './parameters-panel'
import { SetupPanel } from './setup-panel'

const FieldBrowser = lazy(() => import('./field-browser'))
const LowerPanels = lazy(() => import('./lower-panels'))
const MeasureBrowser = lazy(() => import('./measure-browser'))

/** The whole form of a study, panel by panel. */
export function StudyForm({ editor, errorOf }: PanelProps) {
  const [isBrowsing, browser] = useDisclosure(false)
  const [isChoosingMeasure, measures] = useDisclosure(false)
  const [extended, setExtended] = useState<string | null>(null)

  function browse(parameterKey: string | null) {
    setExtended(parameterKey)
    browser.open()
  }

  function add(field: ChosenField) {
    if (extended === null) editor.addParameter(field)
    else editor.addTarget(extended, field)
    browser.close()
  }

  return (
    <Stack gap="md">
      <SetupPanel editor={editor} errorOf={errorOf} />
      <ParametersPanel editor={editor} errorOf={errorOf} onBrowse={browse} onBrowseMeasures={measures.open} />
      <Suspense fallback={<Skeleton h={480} aria-label="Loading" />}>
        <LowerPanels editor={editor} errorOf={errorOf} />
      </Suspense>
      <Suspense>
        <FieldBrowser
          model={editor.draft.models[0] ?? ''}
          purpose={extended === null ? 'Add a parameter' : 'Add a target'}
          opened={isBrowsing}
          onAdd={add}
          onClose={browser.close}
        />
        <MeasureBrowser editor={editor} opened={isChoosingMeasure} onClose={measures.close} />
      </Suspense>
    </Stack>
  )
}
