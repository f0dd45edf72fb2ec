import { Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'

/** An answer to an earlier study keeps its place, and is neither seen nor read out. */
export function Fresh({ isStale, children }: { isStale: boolean; children: ReactNode }) {
  return (
    <Skeleton visible={isStale}>
      <div style={isStale ? { visibility: 'hidden' } : undefined}>{children}</div>
    </Skeleton>
  )
}
