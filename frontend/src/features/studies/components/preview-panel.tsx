import { Alert, Button, Group, List, Loader, Paper, Stack, Title } from '@mantine/core'
import { IconAlertTriangle, IconInfoCircle, IconListCheck } from '@tabler/icons-react'
import { lazy, Suspense } from 'react'

import { ErrorNotice } from '@/components/ui/error-notice'
import { formatCount } from '@/format/numbers'

import type { LivePreview } from '../api/use-live-preview'
import type { Finding } from '../draft/build-study'
import { Fresh } from './fresh'
import { PilotRun } from './pilot-run'
import { PreviewFacts } from './preview-facts'
import classes from './preview-panel.module.css'

const PreviewCases = lazy(() => import('./preview-cases'))
const PreviewTouched = lazy(() => import('./preview-touched'))

type PreviewPanelProps = {
  preview: LivePreview
  isSubmitting: boolean
  submitError: Error | null
  onSubmit: () => void
}

/** What the study would become, and what stands in its way. */
export function PreviewPanel({ preview, isSubmitting, submitError, onSubmit }: PreviewPanelProps) {
  const { answer, missing, refused, failure, isChecking } = preview
  const isStale = isChecking && answer !== undefined
  const shown = isStale ? undefined : answer
  const total = shown === undefined ? 0 : shown.case_count + shown.baseline_count
  return (
    <Stack gap="md" className={classes.sticky}>
      <Paper component="section" withBorder p="md" aria-labelledby="preview-title">
        <Group justify="space-between" mih={22}>
          <Title order={2} id="preview-title">
            Preview
          </Title>
          {isChecking && missing.length === 0 && <Loader size={14} aria-label="Checking" />}
        </Group>
        <Stack gap="sm" mt="xs">
          <div aria-live="polite" aria-busy={isStale}>
            <Fresh isStale={isStale}>
              <PreviewFacts answer={answer} />
            </Fresh>
          </div>
          {missing.length > 0 && (
            <Findings title="Still to do" color="gray" icon={IconListCheck} findings={missing} />
          )}
          {refused.length > 0 && (
            <Findings
              title={refused.length === 1 ? '1 problem' : `${refused.length.toString()} problems`}
              color="red"
              icon={IconAlertTriangle}
              findings={refused}
              withPaths
            />
          )}
          {shown !== undefined && shown.notes.length > 0 && (
            <Findings title="Good to know" color="blue" icon={IconInfoCircle} findings={shown.notes} />
          )}
          {failure !== null && <ErrorNotice error={failure} title="The study could not be checked" />}
          {submitError !== null && refused.length === 0 && (
            <ErrorNotice error={submitError} title="Not submitted" />
          )}
          <PilotRun document={preview.document} disabled={shown === undefined} />
          <Button fullWidth loading={isSubmitting} disabled={refused.length > 0} onClick={onSubmit}>
            {total > 0 ? `Submit ${formatCount(total)} ${total === 1 ? 'case' : 'cases'}` : 'Submit'}
          </Button>
        </Stack>
      </Paper>
      {answer !== undefined && (
        <Fresh isStale={isStale}>
          <Stack gap="md">
            <Suspense>
              <PreviewCases answer={answer} />
              <PreviewTouched touched={answer.touched} />
            </Suspense>
          </Stack>
        </Fresh>
      )}
    </Stack>
  )
}

type FindingsProps = {
  title: string
  color: string
  icon: typeof IconInfoCircle
  findings: readonly Finding[]
  withPaths?: boolean
}

function Findings({ title, color, icon: Sign, findings, withPaths = false }: FindingsProps) {
  return (
    <Alert variant="light" color={color} title={title} icon={<Sign size={18} />} p="sm">
      <List size="xs" spacing={4} listStyleType="none" className={classes.findings}>
        {findings.map(({ path, message }) => (
          <List.Item key={`${path} ${message}`}>
            {withPaths && path !== '' && (
              <>
                <code>{path}</code>{' '}
              </>
            )}
            {message}
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}
