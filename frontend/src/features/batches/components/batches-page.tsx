import { Anchor, Button, Center, Skeleton, Stack } from '@mantine/core'
import { IconPlus, IconStack2 } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'

import { EmptyState } from '@/components/ui/empty-state'
import { ErrorNotice } from '@/components/ui/error-notice'
import { ButtonLink } from '@/components/ui/links'
import { Page } from '@/components/ui/page'

import { batchListOptions } from '../api/batches'
import { BatchTable } from './batch-table'

export default function BatchesPage() {
  const list = useInfiniteQuery(batchListOptions())
  const batches = list.data?.pages.flatMap((page) => page.results) ?? []
  return (
    <Page title="Batches">
      {list.error !== null && <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && (
        <Stack gap={6} aria-label="Loading">
          {[0, 1, 2, 3].map((row) => (
            <Skeleton key={row} h={36} />
          ))}
        </Stack>
      )}
      {list.isSuccess && batches.length === 0 && <NoBatches />}
      {batches.length > 0 && <BatchTable batches={batches} />}
      {list.hasNextPage && (
        <Center>
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Show older batches
          </Button>
        </Center>
      )}
    </Page>
  )
}

function NoBatches() {
  return (
    <EmptyState icon={IconStack2} title="No batches yet">
      <Stack align="center" gap="md">
        <span>
          A batch runs a building model many times, with the inputs you choose varied, and gives one table of
          results. A{' '}
          <Anchor href="/api/docs/" size="sm">
            script
          </Anchor>{' '}
          can submit one too.
        </span>
        <ButtonLink to="/new" leftSection={<IconPlus size={16} />}>
          New batch
        </ButtonLink>
      </Stack>
    </EmptyState>
  )
}
