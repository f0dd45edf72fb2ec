import { Group, Stack, Text } from '@mantine/core'

import type { Estimate, Preview } from '@/api'
import { formatBytes, formatCount, formatShare } from '@/format/numbers'
import { formatDuration } from '@/format/times'

import classes from './preview-panel.module.css'

/** How many cases a study comes to, and what they take. */
export function PreviewFacts({ answer }: { answer: Preview | undefined }) {
  if (answer === undefined) {
    return (
      <Text size="xl" fw={600} c="dimmed">
        – cases
      </Text>
    )
  }
  const { case_count: cases, baseline_count: baselines } = answer
  return (
    <Stack gap={4}>
      <Text size="xl" fw={600} className="tabular" data-testid="case-count">
        {formatCount(cases)} {cases === 1 ? 'case' : 'cases'}
      </Text>
      {baselines > 0 && (
        <Text size="xs" c="dimmed">
          and {formatCount(baselines)} {baselines === 1 ? 'baseline' : 'baselines'}
        </Text>
      )}
      {listFacts(answer).map(([label, text]) => (
        <Group key={label} className={classes.fact} gap="sm" wrap="nowrap" align="baseline">
          <Text size="xs" c="dimmed">
            {label}
          </Text>
          <Text size="xs" ta="right" className="tabular">
            {text}
          </Text>
        </Group>
      ))}
    </Stack>
  )
}

type Fact = readonly [label: string, text: string]

function listFacts(answer: Preview): Fact[] {
  const { candidate_count: candidates, case_count: cases, lost_share: lost, estimate } = answer
  const { duplicate_count: duplicates } = answer
  return [
    ...(lost > 0
      ? [
          [
            'Left out by constraints',
            `${formatCount(candidates - cases)} of ${formatCount(candidates)} (${formatShare(lost)})`,
          ] as const,
        ]
      : []),
    ...(duplicates !== null && duplicates > 0
      ? [['Duplicates', `${formatCount(duplicates)} like an earlier one`] as const]
      : []),
    ...describeKnown(answer),
    ...(estimate === null
      ? [['Time', 'not known: the model has not run here yet'] as const]
      : listCosts(estimate)),
  ]
}

function describeKnown({ known_cases: known, known_sample: sample }: Preview): Fact[] {
  if (known !== null) return known > 0 ? [['Already known', `${formatCount(known)}, not run again`]] : []
  if (sample === null || sample.cases === 0) return []
  return [
    ['Already known', `about ${formatCount(sample.cases)} (${formatCount(sample.looked_at)} looked at)`],
  ]
}

function listCosts(estimate: Estimate): Fact[] {
  const { wall_s, wall_low_s, wall_high_s, cpu_s, cpu_low_s, cpu_high_s, slots } = estimate
  const { stored_bytes, stored_low_bytes, stored_high_bytes } = estimate
  if (cpu_high_s === 0) return [['Time', 'none: every case is known']]
  return [
    [
      'Time',
      `${describeInterval(wall_s, wall_low_s, wall_high_s, formatDuration)}, ${formatCount(slots)} at a time`,
    ],
    ['Of the engine', describeInterval(cpu_s, cpu_low_s, cpu_high_s, formatDuration)],
    ...(stored_bytes === null
      ? []
      : [
          [
            'Storage',
            describeInterval(stored_bytes, stored_low_bytes, stored_high_bytes, formatBytes),
          ] as const,
        ]),
  ]
}

/** "about 4 s (3 s to 6 s)", or without the interval where both ends read alike. */
function describeInterval(
  value: number,
  low: number | null,
  high: number | null,
  format: (value: number) => string,
): string {
  const [least, most] = [low, high].map((end) => (end === null ? '' : format(end)))
  return least === most
    ? `about ${format(value)}`
    : `about ${format(value)} (${least ?? ''} to ${most ?? ''})`
}
