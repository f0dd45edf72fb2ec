import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { IconMoon, IconSun } from '@tabler/icons-react'

export function ColorSchemeToggle() {
  const { setColorScheme } = useMantineColorScheme()
  const other = useComputedColorScheme('light') === 'dark' ? 'light' : 'dark'
  const label = `Switch to ${other} colours`
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={() => setColorScheme(other)} size="md">
        {other === 'dark' ? <IconMoon size={17} stroke={1.7} /> : <IconSun size={17} stroke={1.7} />}
      </ActionIcon>
    </Tooltip>
  )
}
