import { Alert, Button, List, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'

import { toApiError } from '@/api'

type ErrorNoticeProps = {
  error: unknown
  title?: string
  onRetry?: () => void
}

/** A failed request: what the service said, every entry of it, and a way to try again. */
export function ErrorNotice({ error, title = 'That did not work', onRetry }: ErrorNoticeProps) {
  const problem = toApiError(error)
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle />} title={title} role="alert">
      <Text size="sm">{problem.message}</Text>
      {problem.entries.length > 0 && (
        <List size="sm" mt="xs">
          {problem.entries.map((entry) => (
            <List.Item key={`${entry.path} ${entry.message}`}>
              {entry.path !== '' && <code>{entry.path}</code>} {entry.message}
            </List.Item>
          ))}
        </List>
      )}
      {onRetry !== undefined && (
        <Button mt="sm" size="compact-sm" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Alert>
  )
}
