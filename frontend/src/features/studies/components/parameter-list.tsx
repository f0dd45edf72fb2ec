import { Stack } from '@mantine/core'

import { MeasureCard } from './measure-card'
import type { PanelProps } from './panel-props'
import { ParameterCard } from './parameter-card'

type ParameterListProps = PanelProps & { onAddTarget: (parameterKey: string) => void }

/** A card for each parameter; loaded with the first of them. */
export default function ParameterList({ editor, errorOf, onAddTarget }: ParameterListProps) {
  return (
    <Stack gap="sm">
      {editor.draft.parameters.map((parameter, index) => {
        const Card = parameter.measure === '' ? ParameterCard : MeasureCard
        return (
          <Card
            key={parameter.key}
            parameter={parameter}
            path={`parameters[${index.toString()}]`}
            editor={editor}
            errorOf={errorOf}
            onAddTarget={onAddTarget}
          />
        )
      })}
    </Stack>
  )
}
