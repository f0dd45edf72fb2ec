import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import { useState } from 'react'

import type { WholeConstructionSet } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { Panel } from '@/components/ui/panel'
import { useConstructionSetChanges } from '@/features/library/api/construction-sets'

import { buildConstructions, readConstructions, type ConstructionDraft } from '../draft/set-draft'
import { ConstructionRow } from './construction-row'

const KINDS = [
  ['exterior_wall', 'Exterior walls'],
  ['roof', 'Roofs'],
  ['ground_floor', 'Ground floors'],
  ['window', 'Windows'],
] as const

/** The constructions of a set by kind; numbers may be changed where the set is one's own. */
export function ConstructionEditor({ set }: { set: WholeConstructionSet }) {
  const [drafts, setDrafts] = useState(() => readConstructions(set.constructions))
  const { change } = useConstructionSetChanges()
  const edit = (at: number, part: Partial<ConstructionDraft>) =>
    setDrafts((old) => old.map((draft, position) => (position === at ? { ...draft, ...part } : draft)))
  const keep = () =>
    change.mutate({
      reference: set.ref,
      changes: { revision: set.revision, constructions: buildConstructions(set.constructions, drafts) },
    })
  return (
    <Stack gap="md">
      {set.bundled && (
        <Alert variant="light" color="blue" icon={<IconInfoCircle size={18} />} p="sm">
          A bundled set stays as it is. Copy it to change its figures.
        </Alert>
      )}
      {KINDS.map(([kind, title]) => (
        <Panel key={kind} title={title}>
          <Stack gap="sm">
            {set.constructions.map((construction, at) => {
              const draft = drafts[at]
              return construction.kind !== kind || draft === undefined ? null : (
                <ConstructionRow
                  key={construction.name}
                  construction={construction}
                  draft={draft}
                  currency={set.currency}
                  isFixed={set.bundled}
                  onChange={(part) => edit(at, part)}
                />
              )
            })}
            {!set.constructions.some((construction) => construction.kind === kind) && (
              <Text size="sm" c="dimmed">
                None in this set.
              </Text>
            )}
          </Stack>
        </Panel>
      ))}
      {change.error !== null && <ErrorNotice error={change.error} title="Not kept" />}
      {!set.bundled && (
        <Group justify="flex-end">
          <Button loading={change.isPending} onClick={keep}>
            Keep the changes
          </Button>
        </Group>
      )}
    </Stack>
  )
}
