import { Paper, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'

import { FieldError } from '@/components/ui/field-error'
import { formatUnit } from '@/format/numbers'

import { useConstructions } from '../api/construction-sets'
import { measuresOptions } from '../api/measures'
import { meaningOfMeasure } from '../draft/describe-values'
import { listArguments } from '../draft/measure'
import type { ParameterDraft } from '../draft/parameter-draft'
import { MeasureArguments } from './measure-arguments'
import { CardHead, NameFields, type ParameterCardProps } from './parameter-card'
import { ParameterValues } from './parameter-values'

type MeasureCardProps = Omit<ParameterCardProps, 'onAddTarget'>

/** A parameter whose values a measure takes: what the measure is told besides, and the values. */
export function MeasureCard({ parameter, path, editor, errorOf }: MeasureCardProps) {
  const measures = useQuery(measuresOptions())
  const measure = measures.data?.find(({ name }) => name === parameter.measure)
  const given = parameter.arguments
  const { sets, names } = useConstructions(parameter.measure, given)
  const edit = (part: Partial<ParameterDraft>) => editor.changeParameter(parameter.key, part)
  const meaning = meaningOfMeasure(measure, names)
  return (
    <Paper withBorder p="sm" component="fieldset" aria-label={`Parameter ${parameter.name}`}>
      <Stack gap={8}>
        <CardHead
          title={measure?.title ?? parameter.measure}
          unit={formatUnit(measure?.value.unit)}
          parameter={parameter}
          editor={editor}
        />
        <FieldError>{errorOf(`${path}.measure`)}</FieldError>
        {measure !== undefined && (
          <Text size="xs" c="dimmed">
            {firstSentence(measure.description)}
          </Text>
        )}
        <NameFields
          parameter={parameter}
          path={path}
          unit={measure?.value.unit ?? ''}
          errorOf={errorOf}
          edit={edit}
        />
        <MeasureArguments
          all={(measure === undefined ? [] : listArguments(measure)).map((argument) =>
            argument.name === 'set' && sets !== undefined ? withSets(argument, sets) : argument,
          )}
          given={given}
          errorOf={(name) => errorOf(`${path}.arguments.${name}`)}
          onChange={(part) => edit({ arguments: { ...given, ...part } })}
        />
        <FieldError>{errorOf(`${path}.arguments`)}</FieldError>
        <ParameterValues
          parameter={parameter}
          meaning={meaning}
          path={path}
          method={editor.draft.method}
          errorOf={errorOf}
          edit={edit}
        />
        <FieldError>{errorOf(path)}</FieldError>
      </Stack>
    </Paper>
  )
}

function withSets(argument: ReturnType<typeof listArguments>[number], sets: readonly { ref: string }[]) {
  return { ...argument, kind: 'choice' as const, choices: sets.map(({ ref }) => ref) }
}

/** The paragraph that says what the measure does; the rest is for the drawer and the reference. */
function firstSentence(description: string): string {
  return (
    description
      .split(/\n\s*\n/)[0]
      ?.replace(/\s+/g, ' ')
      .replaceAll('`', '') ?? ''
  )
}
