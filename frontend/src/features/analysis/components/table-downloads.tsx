import { Button, Group } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'

/** The table as a file, in the forms that the service streams. */
export function TableDownloads({ url }: { url: string }) {
  return (
    <Group gap="xs">
      {[
        ['csv', 'CSV'],
        ['parquet', 'Parquet'],
      ].map(([form, name]) => (
        <Button
          key={form}
          component="a"
          href={`${url}?as=${form ?? ''}`}
          download
          variant="default"
          leftSection={<IconDownload size={16} stroke={1.7} />}
        >
          {name}
        </Button>
      ))}
    </Group>
  )
}
