import { Alert, List } from '@mantine/core'
import { IconBulb } from '@tabler/icons-react'

import type { Batch } from '@/api'

/** What the cases show together, such as a parameter that changed nothing. */
export function BatchFindings({ findings }: Pick<Batch, 'findings'>) {
  if (findings.length === 0) return null
  return (
    <Alert color="yellow" variant="light" icon={<IconBulb />} title="Worth a look">
      <List size="sm" spacing={2}>
        {findings.map(({ kind, parameter, message }) => (
          <List.Item key={`${kind} ${parameter ?? ''}`}>{message}</List.Item>
        ))}
      </List>
    </Alert>
  )
}
