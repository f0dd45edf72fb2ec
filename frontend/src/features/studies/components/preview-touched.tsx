import { Stack, Text } from '@mantine/core'

import type { Preview } from '@/api'
import { Panel } from '@/components/ui/panel'
import { formatCount } from '@/format/numbers'

import classes from './preview-panel.module.css'

type Touched = Preview['touched'][number]

/** What each parameter writes to in the first case, by model where there are several. */
export default function PreviewTouched({ touched }: { touched: readonly Touched[] }) {
  if (touched.length === 0) return null
  const parameters = [...new Set(touched.map(({ parameter }) => parameter))]
  const hasModels = new Set(touched.map(({ model }) => model)).size > 1
  return (
    <Panel title="What is touched">
      <Stack gap={0}>
        {parameters.map((parameter) => (
          <details key={parameter} className={classes.touched}>
            <summary>
              <Text span size="xs" fw={600}>
                {parameter}
              </Text>{' '}
              <Text span size="xs" c="dimmed">
                {describeSum(touched.filter((target) => target.parameter === parameter))}
              </Text>
            </summary>
            {touched
              .filter((target) => target.parameter === parameter)
              .map((target) => (
                <Text key={`${target.model} ${target.class_name} ${target.field}`} size="xs" pl="md">
                  {hasModels && `${target.model}: `}
                  {[target.class_name, target.field].filter((part) => part !== '').join(' › ')}
                  <Text span inherit c="dimmed">
                    {' '}
                    in {describeObjects(target)}
                  </Text>
                </Text>
              ))}
          </details>
        ))}
      </Stack>
    </Panel>
  )
}

function describeSum(targets: readonly Touched[]): string {
  const most = Math.max(...targets.map(({ objects }) => objects))
  return targets.length === 1
    ? describeCount(most)
    : `${formatCount(targets.length)} fields, up to ${describeCount(most)}`
}

function describeCount(objects: number): string {
  return `${formatCount(objects)} ${objects === 1 ? 'object' : 'objects'}`
}

function describeObjects({ objects, names }: Touched): string {
  const rest = objects - names.length
  if (names.length === 0) return describeCount(objects)
  return `${names.join(', ')}${rest > 0 ? ` and ${formatCount(rest)} more` : ''}`
}
