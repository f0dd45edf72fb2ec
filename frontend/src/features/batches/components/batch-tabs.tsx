import { Link } from '@tanstack/react-router'

import type { Batch } from '@/api'

import { isSearch } from '../api/batches'
import classes from './batch-tabs.module.css'

const TABS = [
  { to: '/batches/$batchId', label: 'Cases' },
  { to: '/batches/$batchId/results', label: 'Results' },
  { to: '/batches/$batchId/sensitivity', label: 'Sensitivity' },
  { to: '/batches/$batchId/savings', label: 'Savings' },
  { to: '/batches/$batchId/comparison', label: 'Compare' },
] as const

const SEARCH_TAB = { to: '/batches/$batchId/front', label: 'Front' } as const

/** The pages of a batch. */
export function BatchTabs({ batch }: { batch: Pick<Batch, 'id' | 'study'> }) {
  const tabs = isSearch(batch) ? [...TABS, SEARCH_TAB] : TABS
  return (
    <nav className={classes.tabs} aria-label="Pages of the batch">
      {tabs.map(({ to, label }) => (
        <Link
          key={to}
          to={to}
          params={{ batchId: batch.id }}
          className={classes.tab}
          activeOptions={{ exact: true, includeSearch: false }}
        >
          {label}
        </Link>
      ))}
    </nav>
  )
}
