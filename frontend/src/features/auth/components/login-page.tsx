import { Alert, Button, Center, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { useEffect, useState } from 'react'

import { logIn, sessionOptions } from '../api/session'

const route = getRouteApi('/login')

/** Only addresses of this app: `//elsewhere.org` and the like go to the start page. */
export function safeTarget(from: string | undefined): string {
  return from !== undefined && /^\/(?![/\\])/.test(from) && !from.startsWith('/login') ? from : '/'
}

export default function LoginPage() {
  useDocumentTitle('Log in · Casefarm')
  const { from } = route.useSearch()
  const router = useRouter()
  const queryClient = useQueryClient()
  const session = useQuery(sessionOptions())
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const login = useMutation({
    mutationFn: () => logIn(username.trim(), password),
    onSuccess: (person) => queryClient.setQueryData(sessionOptions().queryKey, person),
  })
  const isLoggedIn = session.data !== undefined && session.data !== null
  useEffect(() => {
    if (isLoggedIn || login.isSuccess) router.history.replace(safeTarget(from))
  }, [isLoggedIn, login.isSuccess, router, from])

  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" w={360} maw="100%">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            login.mutate()
          }}
        >
          <Stack gap="sm">
            <div>
              <Title order={1}>Casefarm</Title>
              <Text size="sm" c="dimmed">
                Log in to simulate.
              </Text>
            </div>
            {(login.error ?? session.error) !== null && (
              <Alert color="red" variant="light" icon={<IconAlertTriangle />} role="alert">
                {(login.error ?? session.error)?.message}
              </Alert>
            )}
            <TextInput
              label="Username"
              autoComplete="username"
              autoFocus
              required
              value={username}
              onChange={(event) => setUsername(event.currentTarget.value)}
            />
            <PasswordInput
              label="Password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Button type="submit" mt="xs" loading={login.isPending} disabled={session.isPending}>
              Log in
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  )
}
