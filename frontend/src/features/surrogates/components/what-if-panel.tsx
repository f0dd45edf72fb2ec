import { Alert, Grid, Skeleton, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import type { Prediction, Surrogate } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { Panel } from '@/components/ui/panel'
import { formatShare } from '@/format/numbers'

import { predictionOptions, type InputValues } from '../api/surrogates'
import { PredictedMetrics } from './predicted-metrics'
import { WhatIfInput } from './what-if-input'

const PAUSE_MS = 250

/** Asks a surrogate for one point that one moves about. */
export default function WhatIfPanel({ surrogate, level }: { surrogate: Surrogate; level: number }) {
  const [values, setValues] = useState(() => chooseMiddle(surrogate))
  const [settled] = useDebouncedValue(values, PAUSE_MS)
  const answer = useQuery(predictionOptions(surrogate.id, settled, level))
  const isBehind = settled !== values || answer.isPlaceholderData
  return (
    <Panel
      title="What if"
      aside={
        <Text size="xs" c="dimmed">
          Intervals hold the simulated value with a probability of {formatShare(level)}
        </Text>
      }
    >
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="sm">
            {surrogate.inputs.map((input) => (
              <WhatIfInput
                key={input.name}
                input={input}
                value={values[input.name] ?? ''}
                onChange={(value) => setValues((old) => ({ ...old, [input.name]: value }))}
              />
            ))}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="sm" aria-busy={isBehind}>
            {answer.error !== null && (
              <ErrorNotice error={answer.error} title="No prediction" onRetry={() => void answer.refetch()} />
            )}
            {answer.error === null && answer.data === undefined && <Skeleton h={160} aria-label="Loading" />}
            {answer.error === null && answer.data !== undefined && (
              <>
                <Outside prediction={answer.data} />
                <PredictedMetrics surrogate={surrogate} prediction={answer.data} isBehind={isBehind} />
              </>
            )}
          </Stack>
        </Grid.Col>
      </Grid>
    </Panel>
  )
}

/** Says so where the point is unlike every case that was learnt from. */
function Outside({ prediction }: { prediction: Prediction }) {
  if (prediction.inside.every(Boolean)) return null
  const strays = Object.keys(prediction.strays).filter((name) => (prediction.strays[name] ?? 0) > 0)
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<IconAlertTriangle />}
      title="Outside of what it was trained on"
    >
      {strays.length > 0
        ? `Beyond the values that it has seen: ${strays.join(', ')}. `
        : 'Each value by itself has been seen, but no case was near this combination. '}
      The intervals are wider, and nothing is promised of them. Simulate this point.
    </Alert>
  )
}

/** The middle of every range, and the first of every list of texts. */
function chooseMiddle({ inputs }: Surrogate): InputValues {
  return Object.fromEntries(
    inputs.map(({ name, low, high, values }) => [
      name,
      low === null || high === null ? (values[0] ?? '') : Number(((low + high) / 2).toPrecision(4)),
    ]),
  )
}
