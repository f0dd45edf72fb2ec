import { Button, Code, CopyButton, Group, Loader, Modal, ScrollArea, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'

import { buildStudy } from '../draft/build-study'
import type { StudyDraft } from '../draft/draft'

type StudyYamlProps = { draft: StudyDraft; opened: boolean; onClose: () => void }

/** The study as the YAML file that `casefarm submit` and the API take. */
export default function StudyYaml({ draft, opened, onClose }: StudyYamlProps) {
  const study = buildStudy(draft)
  const yaml = useQuery({
    queryKey: ['study-yaml', study],
    queryFn: async () => (await import('../draft/write-yaml')).writeYaml(study),
    enabled: opened,
    gcTime: 0,
  })
  return (
    <Modal opened={opened} onClose={onClose} title="Study as YAML" size="lg">
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          Save it as <code>study.yaml</code> and run it with <code>casefarm submit study.yaml --watch</code>.
        </Text>
        {yaml.data === undefined ? (
          <Loader size="sm" aria-label="Loading" />
        ) : (
          <>
            <ScrollArea.Autosize mah="60vh">
              <Code block aria-label="YAML">
                {yaml.data}
              </Code>
            </ScrollArea.Autosize>
            <Group justify="flex-end">
              <CopyButton value={yaml.data}>
                {({ copied, copy }) => (
                  <Button
                    leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                    onClick={copy}
                  >
                    {copied ? 'Copied' : 'Copy'}
                  </Button>
                )}
              </CopyButton>
            </Group>
          </>
        )}
      </Stack>
    </Modal>
  )
}
