import { Group, Paper, Title } from '@mantine/core'
import { useId, type ReactNode } from 'react'

type PanelProps = {
  title: string
  aside?: ReactNode
  children: ReactNode
}

/** One titled block of a page. */
export function Panel({ title, aside, children }: PanelProps) {
  const titleId = useId()
  return (
    <Paper component="section" withBorder p="md" aria-labelledby={titleId}>
      <Group justify="space-between" mb="sm" gap="xs" mih={28}>
        <Title order={2} id={titleId}>
          {title}
        </Title>
        {aside}
      </Group>
      {children}
    </Paper>
  )
}
