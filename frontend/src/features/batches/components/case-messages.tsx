import { Badge, Button, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import type { Message } from '@/api'
import { formatCount } from '@/format/numbers'

import { messagesOptions } from '../api/batches'

const COLORS: Record<Message['severity'], string> = { fatal: 'red', severe: 'orange', warning: 'yellow' }
const SHOWN_AT_FIRST = 5

type CaseMessagesProps = { batchId: string; index: number }

/** What the engine complained of, the worst first; a few messages until one asks for more. */
export function CaseMessages({ batchId, index }: CaseMessagesProps) {
  const [isOpen, setOpen] = useState(false)
  const { data: found } = useQuery(messagesOptions(batchId, index))
  if (found === undefined || found.messages.length === 0) return null
  const { messages } = found
  return (
    <section>
      <Title order={3} mb={4}>
        Messages of the engine
      </Title>
      <Text size="xs" c="dimmed" mb={6}>
        {countOf(found.severe_errors, 'severe error')} and {countOf(found.warnings, 'warning')}; each message
        once{found.is_complete ? '' : ', eplusout.err has more'}
      </Text>
      <Stack gap={6}>
        {(isOpen ? messages : messages.slice(0, SHOWN_AT_FIRST)).map((message) => (
          <MessageLine key={`${message.severity} ${message.phase ?? ''} ${message.text}`} message={message} />
        ))}
      </Stack>
      {!isOpen && messages.length > SHOWN_AT_FIRST && (
        <Button variant="subtle" size="compact-xs" mt={6} onClick={() => setOpen(true)}>
          {`Show ${formatCount(messages.length - SHOWN_AT_FIRST)} more`}
        </Button>
      )}
    </section>
  )
}

function MessageLine({ message }: { message: Message }) {
  const { severity, text, count, phase, class_name, object_name, zone } = message
  const about = [
    phase === null ? '' : `during ${phase}`,
    object_name === null ? '' : [class_name, object_name].filter((part) => part !== null).join(' '),
    zone === null || zone === object_name ? '' : `zone ${zone}`,
  ].filter((part) => part !== '')
  return (
    <div>
      <Group gap={6}>
        <Badge size="xs" color={COLORS[severity]} variant="light">
          {severity}
        </Badge>
        <Text span size="xs" c="dimmed">
          {[count > 1 ? `${formatCount(count)} times` : '', ...about]
            .filter((part) => part !== '')
            .join(' · ')}
        </Text>
      </Group>
      <Text size="xs" lineClamp={3} title={text} style={{ overflowWrap: 'anywhere' }}>
        {text}
      </Text>
    </div>
  )
}

function countOf(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`
}
