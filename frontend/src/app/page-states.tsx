import { Center, Container, Loader } from '@mantine/core'
import { IconMapOff } from '@tabler/icons-react'
import type { ErrorComponentProps } from '@tanstack/react-router'

import { EmptyState } from '@/components/ui/empty-state'
import { ErrorNotice } from '@/components/ui/error-notice'
import { TextLink } from '@/components/ui/links'

export function PagePending() {
  return (
    <Center h={240}>
      <Loader size="sm" aria-label="Loading" />
    </Center>
  )
}

export function PageError({ error, reset }: ErrorComponentProps) {
  return (
    <Container py="xl">
      <ErrorNotice error={error} title="This page could not be shown" onRetry={reset} />
    </Container>
  )
}

export function NotFoundPage() {
  return (
    <EmptyState icon={IconMapOff} title="There is no such page">
      <TextLink to="/" size="sm">
        To the batches
      </TextLink>
    </EmptyState>
  )
}
