import { Button, Group } from '@mantine/core'

import { METHODS, type SensitivityWish } from '../api/sensitivity'

type AcceptedWishesProps = {
  /** What has to change: `method`, `metric`, `weather` or `model`. */
  path: string
  accepted: readonly string[]
  onChange: (part: Partial<SensitivityWish>) => void
}

/** What can be asked instead, one button each. */
export function AcceptedWishes({ path, accepted, onChange }: AcceptedWishesProps) {
  return (
    <Group gap="xs" justify="center">
      {accepted.map((wish) => (
        <Button key={wish} size="compact-sm" variant="light" onClick={() => onChange({ [path]: wish })}>
          {METHODS.find(({ value }) => value === wish)?.label ?? wish}
        </Button>
      ))}
    </Group>
  )
}
