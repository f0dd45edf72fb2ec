import { Button, CopyButton, Group, Loader, Modal, Stack, Text, Textarea } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { DropZone } from '@/components/ui/drop-zone'

import { buildDocument } from '../draft/build-study'
import type { DraftEditor } from '../draft/use-draft'

type StudyYamlProps = { editor: DraftEditor; opened: boolean; onClose: () => void }

/** The study as the YAML file that `casefarm submit` and the API take: to read, copy, change, or put another in. */
export default function StudyYaml({ editor, opened, onClose }: StudyYamlProps) {
  const study = buildDocument(editor.draft)
  const yaml = useQuery({
    queryKey: ['study-yaml', study],
    queryFn: async () =>
      typeof study === 'string' ? study : (await import('../draft/study-text')).writeStudy(study),
    enabled: opened,
    gcTime: 0,
  })
  return (
    <Modal opened={opened} onClose={onClose} title="Study as YAML" size="xl">
      {yaml.data === undefined ? (
        <Loader size="sm" aria-label="Loading" />
      ) : (
        <YamlEditor key={yaml.data} written={yaml.data} editor={editor} onClose={onClose} />
      )}
    </Modal>
  )
}

type YamlEditorProps = { written: string; editor: DraftEditor; onClose: () => void }

function YamlEditor({ written, editor, onClose }: YamlEditorProps) {
  const [text, setText] = useState(written)
  const [error, setError] = useState<string>()

  /** In the form where that shows all of it, as text where not. */
  async function takeOver() {
    const { openStudy } = await import('../draft/study-text')
    const opened = openStudy(text)
    if ('error' in opened) {
      setError(opened.error)
      return
    }
    editor.replace(opened.unshown.length === 0 ? opened.draft : { ...opened.draft, text })
    onClose()
  }

  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        Save it as <code>study.yaml</code> and run it with <code>casefarm submit study.yaml --watch</code>, or
        change it here, or put another study in its place.
      </Text>
      <Textarea
        aria-label="YAML"
        autosize
        minRows={12}
        maxRows={24}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', whiteSpace: 'pre' } }}
        value={text}
        error={error}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setError(undefined)
        }}
      />
      <DropZone
        label="Drop a study here (YAML or JSON), or browse"
        accept=".yaml,.yml,.json"
        busy={false}
        onFiles={([file]) => void file?.text().then(setText)}
      />
      <Group justify="flex-end">
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        <Button disabled={text === written || text.trim() === ''} onClick={() => void takeOver()}>
          Use this study
        </Button>
      </Group>
    </Stack>
  )
}
