import { Button, Menu, Text } from '@mantine/core'
import { IconChevronDown, IconDownload } from '@tabler/icons-react'

const FORMATS = [
  { format: 'csv', name: 'CSV', hint: 'any spreadsheet' },
  { format: 'parquet', name: 'Parquet', hint: 'pandas, polars, DuckDB' },
  { format: 'json', name: 'JSON', hint: 'a list of rows' },
]

/** Downloads of a result table, in every format that the service writes. */
export function DownloadMenu({ resultsUrl }: { resultsUrl: string }) {
  return (
    <Menu position="bottom-end" width={230}>
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
          <Menu.Item
            key={format}
            component="a"
            href={`${resultsUrl}?as=${format}`}
            download
            rightSection={
              <Text size="xs" c="dimmed">
                {hint}
              </Text>
            }
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
