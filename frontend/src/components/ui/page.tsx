import { Group, Stack, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'

type PageProps = {
  /** Title of the browser tab, and of the page unless `heading` says more. */
  title: string
  heading?: ReactNode
  /** Stands beside the title: a state. */
  badge?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

/** A page: its title, what can be done here, and the content below. */
export function Page({ title, heading, badge, actions, children }: PageProps) {
  useDocumentTitle(`${title} · Casefarm`)
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start" gap="sm">
        <Group gap="sm" align="center">
          <Title order={1}>{heading ?? title}</Title>
          {badge}
        </Group>
        <Group gap="xs">{actions}</Group>
      </Group>
      {children}
    </Stack>
  )
}
