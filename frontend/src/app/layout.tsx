import { AppShell, Container, Group, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Link, Outlet } from '@tanstack/react-router'

import { ButtonLink, TextLink } from '@/components/ui/links'
import { UserMenu } from '@/features/auth/components/user-menu'

import { ColorSchemeToggle } from './color-scheme-toggle'
import favicon from './favicon.svg'
import classes from './layout.module.css'

/** The frame of every page: where one is, the way to the others, and oneself. */
export function Layout() {
  return (
    <AppShell header={{ height: 52 }} padding={0}>
      <a href="#content" className={classes.skip}>
        Skip to content
      </a>
      <AppShell.Header className={classes.header}>
        <Container size="xl" h="100%">
          <Group h="100%" justify="space-between" wrap="nowrap">
            <Group gap="lg" wrap="nowrap" component="nav" aria-label="Main">
              <TextLink to="/" underline="never" c="inherit" className={classes.brand}>
                <img src={favicon} alt="" width={22} height={22} />
                <Text fw={700} span visibleFrom="xs">
                  Casefarm
                </Text>
              </TextLink>
              <Link to="/" className={classes.link} activeOptions={{ exact: true }}>
                Batches
              </Link>
              <Link to="/surrogates" className={classes.link}>
                Surrogates
              </Link>
              <Link to="/constructions" className={classes.link}>
                Constructions
              </Link>
            </Group>
            <Group gap={6} wrap="nowrap">
              <ButtonLink to="/new" size="compact-sm" mr={4} leftSection={<IconPlus size={15} />}>
                New batch
              </ButtonLink>
              <ColorSchemeToggle />
              <UserMenu />
            </Group>
          </Group>
        </Container>
      </AppShell.Header>
      <AppShell.Main id="content">
        <Container size="xl" py="md">
          <Outlet />
        </Container>
      </AppShell.Main>
    </AppShell>
  )
}
