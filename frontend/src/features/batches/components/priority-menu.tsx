import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'

import type { Batch } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'

import { useChangeBatch } from '../api/change'

const PRIORITIES = ['high', 'normal', 'low'] as const

/** How urgent an active batch is beside others, and the way to change that. */
export function PriorityMenu({ batch }: { batch: Pick<Batch, 'id' | 'priority'> }) {
  const change = useChangeBatch(batch.id)
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            loading={change.isPending}
            rightSection={<IconChevronDown size={12} stroke={1.7} />}
          >
            Priority: {batch.priority}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {PRIORITIES.map((priority) => (
            <Menu.Item
              key={priority}
              disabled={priority === batch.priority}
              onClick={() => change.mutate({ priority })}
            >
              {priority}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {change.error !== null && <ErrorNotice error={change.error} title="The priority stays as it is" />}
    </>
  )
}
