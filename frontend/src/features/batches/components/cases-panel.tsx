import { SegmentedControl } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'

import type { Batch } from '@/api'
import { Panel } from '@/components/ui/panel'
import { formatCount } from '@/format/numbers'

import { type CaseFilter } from '../api/batches'
import { CaseTable } from './case-table'

const CaseDrawer = lazy(() => import('./case-drawer'))

const FILTERS: Record<string, CaseFilter> = {
  all: {},
  running: { state: 'running' },
  succeeded: { state: 'succeeded' },
  suspect: { verdict: 'suspect' },
  failed: { state: 'failed' },
  cancelled: { state: 'cancelled' },
  pending: { state: 'pending' },
}

function countOf(batch: Batch, choice: string): number {
  if (choice === 'all') return batch.progress.total
  if (choice === 'suspect') return batch.verdicts.suspect
  return batch.counts[choice as keyof Batch['counts']]
}

/** Every case of a batch, narrowed by state, and one of them in detail. */
export default function CasesPanel({ batch }: { batch: Batch }) {
  const [choice, setChoice] = useState('all')
  const [opened, setOpened] = useState<number | null>(null)
  const choices = Object.keys(FILTERS).filter(
    (name) => name === choice || name === 'all' || countOf(batch, name) > 0,
  )
  return (
    <Panel
      title="Cases"
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Show cases"
          value={choice}
          onChange={setChoice}
          data={choices.map((name) => ({
            value: name,
            label: `${name} ${formatCount(countOf(batch, name))}`,
          }))}
        />
      }
    >
      <CaseTable batch={batch} filter={FILTERS[choice] ?? {}} onOpen={setOpened} />
      <Suspense>
        <CaseDrawer batch={batch} index={opened} onClose={() => setOpened(null)} />
      </Suspense>
    </Panel>
  )
}
