import { ActionIcon, Tooltip } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'

type CardActionProps = { label: string; icon: Icon; onClick: () => void }

/** A small button with an icon, in the corner of what it acts on. */
export function CardAction({ label, icon: Sign, onClick }: CardActionProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} size="sm" onClick={onClick}>
        <Sign size={15} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  )
}
