import { Button, Center, Skeleton, Text } from '@mantine/core'
import { IconChartDots3 } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'

import { EmptyState } from '@/components/ui/empty-state'
import { ErrorNotice } from '@/components/ui/error-notice'
import { TextLink } from '@/components/ui/links'
import { Page } from '@/components/ui/page'

import { surrogateListOptions } from '../api/surrogates'
import { SurrogateTable } from './surrogate-table'

/** The surrogates that answer for simulations, newest first. */
export default function SurrogatesPage() {
  const list = useInfiniteQuery(surrogateListOptions())
  const surrogates = list.data?.pages.flatMap((page) => page.results) ?? []
  return (
    <Page title="Surrogates">
      <Text size="sm" c="dimmed" maw={720}>
        A surrogate has learnt from the cases of a batch. It says within a moment what a simulation would say,
        how sure that is, and where it had better not be asked.
      </Text>
      {list.error !== null && <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />}
      {list.isPending && <Skeleton h={160} aria-label="Loading" />}
      {list.isSuccess && surrogates.length === 0 && <NoSurrogates />}
      {surrogates.length > 0 && <SurrogateTable surrogates={surrogates} />}
      {list.hasNextPage && (
        <Center>
          <Button
            variant="default"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            Show older surrogates
          </Button>
        </Center>
      )}
    </Page>
  )
}

function NoSurrogates() {
  return (
    <EmptyState icon={IconChartDots3} title="No surrogates yet">
      Open a{' '}
      <TextLink to="/" size="sm">
        batch
      </TextLink>{' '}
      that has ended and choose “Train a surrogate”. It learns from the valid cases of the batch.
    </EmptyState>
  )
}
