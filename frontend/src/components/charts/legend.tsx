import { Group, Text } from '@mantine/core'

import classes from './charts.module.css'

type LegendProps = { entries: readonly { label: string; meaning?: string }[] }

/** What the bars of each colour are, in the order of the series. */
export function Legend({ entries }: LegendProps) {
  return (
    <Group gap="lg" component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {entries.map(({ label, meaning }, at) => (
        <Group key={label} gap={6} component="li" wrap="nowrap" align="baseline">
          <svg width={10} height={10} aria-hidden>
            <rect className={at === 0 ? classes.bar : classes.paired} width={10} height={10} rx={2} />
          </svg>
          <Text size="xs">
            <Text span inherit fw={600}>
              {label}
            </Text>
            {meaning !== undefined && (
              <Text span inherit c="dimmed">
                {' '}
                {meaning}
              </Text>
            )}
          </Text>
        </Group>
      ))}
    </Group>
  )
}
