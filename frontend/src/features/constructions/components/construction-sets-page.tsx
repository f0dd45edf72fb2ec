import { Button, Paper, Skeleton, Table, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconFileImport } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'

import { ErrorNotice } from '@/components/ui/error-notice'
import { TextLink } from '@/components/ui/links'
import { Page } from '@/components/ui/page'
import { constructionSetsOptions } from '@/features/library/api/construction-sets'
import { formatCount } from '@/format/numbers'
import { formatAgo } from '@/format/times'

const ImportSet = lazy(() => import('./import-set'))

/** The construction sets that studies may take walls, roofs, floors and windows from. */
export default function ConstructionSetsPage() {
  const sets = useQuery(constructionSetsOptions())
  const [isImporting, dialog] = useDisclosure(false)
  return (
    <Page
      title="Construction sets"
      actions={
        <Button
          variant="default"
          leftSection={<IconFileImport size={16} stroke={1.7} />}
          onClick={dialog.open}
        >
          Import
        </Button>
      }
    >
      <Text size="sm" c="dimmed" maw={720}>
        What walls, roofs, floors and windows may be made of, with what it costs and what carbon is in it. The
        measure “Assign construction” puts one of a set into the cases of a study.
      </Text>
      {sets.error !== null && <ErrorNotice error={sets.error} onRetry={() => void sets.refetch()} />}
      {sets.data === undefined ? (
        sets.error === null && <Skeleton h={160} aria-label="Loading" />
      ) : (
        <Paper withBorder>
          <Table.ScrollContainer minWidth={560}>
            <Table verticalSpacing={8} horizontalSpacing="md" aria-label="Construction sets">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>In studies</Table.Th>
                  <Table.Th>Currency</Table.Th>
                  <Table.Th ta="right">Constructions</Table.Th>
                  <Table.Th>Changed</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {sets.data.map((set) => (
                  <Table.Tr key={set.id}>
                    <Table.Td>
                      <TextLink
                        to="/constructions/$reference"
                        params={{ reference: set.ref }}
                        size="sm"
                        fw={500}
                      >
                        {set.name}
                      </TextLink>
                    </Table.Td>
                    <Table.Td>
                      <code>{set.ref}</code>
                    </Table.Td>
                    <Table.Td>{set.currency}</Table.Td>
                    <Table.Td ta="right">{formatCount(set.construction_count)}</Table.Td>
                    <Table.Td>{set.bundled ? 'bundled' : formatAgo(set.updated_at)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Paper>
      )}
      <Suspense>
        <ImportSet opened={isImporting} onClose={dialog.close} />
      </Suspense>
    </Page>
  )
}
