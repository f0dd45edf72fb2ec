import { Stack, Text, ThemeIcon } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'

type EmptyStateProps = {
  icon: Icon
  title: string
  children?: ReactNode
}

/** What a list shows when there is nothing in it: why, and what to do next. */
export function EmptyState({ icon: Sign, title, children }: EmptyStateProps) {
  return (
    <Stack align="center" gap="xs" py="xl" px="md" ta="center">
      <ThemeIcon size={44} radius="xl" variant="light" color="gray">
        <Sign size={22} stroke={1.6} />
      </ThemeIcon>
      <Text fw={600}>{title}</Text>
      {children !== undefined && (
        <Text component="div" size="sm" c="dimmed" maw={440}>
          {children}
        </Text>
      )}
    </Stack>
  )
}
