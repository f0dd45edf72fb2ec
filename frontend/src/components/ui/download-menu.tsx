import { Button, Menu, Text } from '@mantine/core'
import { IconChevronDown, IconDownload } from '@tabler/icons-react'

const FORMATS = [
  { format: 'csv', name: 'CSV', hint: 'any spreadsheet' },
  { format: 'parquet', name: 'Parquet', hint: 'pandas, polars, DuckDB' },
  { format: 'xlsx', name: 'Excel', hint: 'up to 1,048,575 rows' },
  { format: 'json', name: 'JSON', hint: 'a list of rows' },
]

type DownloadMenuProps = {
  resultsUrl: string
  /** Where the files of the cases are to be had as one archive. */
  archiveUrl?: string
}

/** Downloads of a result table, in every format that people open, and of the files of its cases. */
export function DownloadMenu({ resultsUrl, archiveUrl }: DownloadMenuProps) {
  return (
    <Menu position="bottom-end" width={270}>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} stroke={1.7} />}
          rightSection={<IconChevronDown size={14} stroke={1.7} />}
        >
          Download
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map(({ format, name, hint }) => (
          <DownloadItem key={format} url={`${resultsUrl}?as=${format}`} name={name} hint={hint} />
        ))}
        {archiveUrl !== undefined && (
          <>
            <Menu.Divider />
            <DownloadItem url={archiveUrl} name="Zip" hint="all files of the cases" />
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

function DownloadItem({ url, name, hint }: { url: string; name: string; hint: string }) {
  return (
    <Menu.Item
      component="a"
      href={url}
      download
      rightSection={
        <Text size="xs" c="dimmed">
          {hint}
        </Text>
      }
    >
      {name}
    </Menu.Item>
  )
}
