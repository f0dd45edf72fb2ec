import { Text } from '@mantine/core'

/** What is wrong with something that is more than one input; nothing where nothing is. */
export function FieldError({ children }: { children: string | undefined }) {
  if (children === undefined || children === '') return null
  return (
    <Text size="xs" c="var(--mantine-color-error)" role="alert">
      {children}
    </Text>
  )
}
