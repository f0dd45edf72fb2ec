import { Button, Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconApi, IconChevronDown, IconLogout, IconUser } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'

import { logOut, sessionOptions } from '../api/session'

export function UserMenu() {
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const session = useQuery(sessionOptions())
  const leave = useMutation({
    mutationFn: logOut,
    onSuccess: async () => {
      queryClient.setQueryData(sessionOptions().queryKey, null)
      await navigate({ to: '/login' })
      queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
    },
    onError: (error) =>
      notifications.show({ color: 'red', title: 'Still logged in', message: error.message }),
  })
  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          aria-label="Account"
          leftSection={<IconUser size={16} stroke={1.7} />}
          rightSection={<IconChevronDown size={14} stroke={1.7} />}
        >
          {session.data?.username}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href="/api/docs/" leftSection={<IconApi size={15} />}>
          HTTP API
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => leave.mutate()}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
