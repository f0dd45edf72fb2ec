import { Button, Skeleton, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCopy, IconDownload, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'

import type { WholeConstructionSet } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { TextLink } from '@/components/ui/links'
import { Page } from '@/components/ui/page'
import { constructionSetOptions, useConstructionSetChanges } from '@/features/library/api/construction-sets'

import { ConstructionEditor } from './construction-editor'
import { CopySet } from './copy-set'

const route = getRouteApi('/member/constructions/$reference')

/** One construction set: its constructions, to change where the set is one's own, or to copy. */
export default function ConstructionSetPage() {
  const { reference } = route.useParams()
  const set = useQuery(constructionSetOptions(reference))
  return (
    <Page
      title={set.data?.name ?? 'Construction set'}
      heading={
        <>
          <TextLink to="/constructions" inherit>
            Construction sets
          </TextLink>{' '}
          › {set.data?.name ?? reference}
        </>
      }
      actions={set.data !== undefined && <SetActions set={set.data} />}
    >
      {set.error !== null && <ErrorNotice error={set.error} title="This set cannot be shown" />}
      {set.data === undefined ? (
        set.error === null && <Skeleton h={240} aria-label="Loading" />
      ) : (
        <>
          {set.data.description !== '' && (
            <Text size="sm" c="dimmed" maw={820}>
              {set.data.description}
            </Text>
          )}
          <ConstructionEditor key={`${set.data.id} ${set.data.revision.toString()}`} set={set.data} />
        </>
      )}
    </Page>
  )
}

function SetActions({ set }: { set: WholeConstructionSet }) {
  const [isCopying, dialog] = useDisclosure(false)
  const { remove } = useConstructionSetChanges()
  const navigate = useNavigate()
  return (
    <>
      <Button
        variant="default"
        component="a"
        href={`/api/construction-sets/${set.ref}/?as=csv`}
        download
        leftSection={<IconDownload size={16} stroke={1.7} />}
      >
        CSV
      </Button>
      <Button variant="default" leftSection={<IconCopy size={16} stroke={1.7} />} onClick={dialog.open}>
        Copy
      </Button>
      {!set.bundled && (
        <Button
          variant="default"
          leftSection={<IconTrash size={16} stroke={1.7} />}
          loading={remove.isPending}
          onClick={() => remove.mutate(set.ref, { onSuccess: () => void navigate({ to: '/constructions' }) })}
        >
          Delete
        </Button>
      )}
      <CopySet set={set} opened={isCopying} onClose={dialog.close} />
    </>
  )
}
