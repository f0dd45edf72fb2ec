import { Alert, Button, Code, Group, List, Stack, Text, Textarea } from '@mantine/core'
import { IconFileText } from '@tabler/icons-react'
import { useMemo } from 'react'

import { Panel } from '@/components/ui/panel'

import { openStudy } from '../draft/study-text'
import type { DraftEditor } from '../draft/use-draft'

const MOST_NAMED = 8

/** A study that the form cannot show in full: its text, to change and to submit as it is. */
export default function StudyText({ editor }: { editor: DraftEditor }) {
  const { text } = editor.draft
  const opened = useMemo(() => openStudy(text), [text])
  return (
    <Panel title="Study as text">
      <Stack gap="sm">
        {'error' in opened ? (
          <Alert color="red" variant="light" title="This cannot be read" role="alert">
            {opened.error}
          </Alert>
        ) : (
          <Alert
            color="blue"
            variant="light"
            icon={<IconFileText size={18} />}
            title={titleFor(opened.unshown)}
          >
            <Stack gap="xs" align="flex-start">
              {opened.unshown.length > 0 && (
                <>
                  <Text size="sm">
                    So the study stays text, and is previewed and submitted to the letter. Not in the form:
                  </Text>
                  <List size="sm">
                    {opened.unshown.slice(0, MOST_NAMED).map((path) => (
                      <List.Item key={path}>
                        <Code>{path}</Code>
                      </List.Item>
                    ))}
                    {opened.unshown.length > MOST_NAMED && (
                      <List.Item>and {opened.unshown.length - MOST_NAMED} more</List.Item>
                    )}
                  </List>
                </>
              )}
              <Button size="compact-sm" variant="default" onClick={() => editor.replace(opened.draft)}>
                {opened.unshown.length === 0 ? 'Show it in the form' : 'Go on in the form, without these'}
              </Button>
            </Stack>
          </Alert>
        )}
        <Textarea
          aria-label="Study as YAML"
          autosize
          minRows={16}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', whiteSpace: 'pre' } }}
          value={text}
          onChange={(event) => editor.change({ text: event.currentTarget.value || ' ' })}
        />
        <Group justify="flex-end">
          <Text size="xs" c="dimmed">
            Comments and the order of the keys are kept.
          </Text>
        </Group>
      </Stack>
    </Panel>
  )
}

function titleFor(unshown: readonly string[]): string {
  return unshown.length === 0 ? 'The form can show all of it' : 'The form cannot show all of this study'
}
