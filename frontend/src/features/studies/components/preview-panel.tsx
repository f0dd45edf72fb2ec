import { Alert, Button, Group, List, Loader, Paper, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconInfoCircle, IconListCheck } from '@tabler/icons-react'

import type { Preview } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { formatCount } from '@/format/numbers'
import { formatDuration } from '@/format/times'

import type { LivePreview } from '../api/use-live-preview'
import type { Finding } from '../draft/build-study'
import classes from './preview-panel.module.css'
import { PreviewCases } from './preview-cases'

type PreviewPanelProps = {
  preview: LivePreview
  isSubmitting: boolean
  submitError: Error | null
  onSubmit: () => void
}

/** What the study would become, and what stands in its way. */
export function PreviewPanel({ preview, isSubmitting, submitError, onSubmit }: PreviewPanelProps) {
  const { answer, missing, refused, failure, isChecking } = preview
  const total = answer === undefined ? 0 : answer.case_count + answer.baseline_count
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
          <CaseCount answer={answer} />
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
          {answer !== undefined && answer.notes.length > 0 && (
            <Findings title="Good to know" color="blue" icon={IconInfoCircle} findings={answer.notes} />
          )}
          {failure !== null && <ErrorNotice error={failure} title="The study could not be checked" />}
          {submitError !== null && refused.length === 0 && (
            <ErrorNotice error={submitError} title="Not submitted" />
          )}
          <Button fullWidth loading={isSubmitting} disabled={refused.length > 0} onClick={onSubmit}>
            {total > 0 ? `Submit ${formatCount(total)} ${total === 1 ? 'case' : 'cases'}` : 'Submit'}
          </Button>
        </Stack>
      </Paper>
      {answer !== undefined && <PreviewCases answer={answer} />}
    </Stack>
  )
}

function CaseCount({ answer }: { answer: Preview | undefined }) {
  if (answer === undefined) {
    return (
      <Text size="xl" fw={600} c="dimmed" aria-live="polite">
        – cases
      </Text>
    )
  }
  const { case_count: cases, baseline_count: baselines, known_cases: known, estimate } = answer
  return (
    <div aria-live="polite">
      <Text size="xl" fw={600} className="tabular" data-testid="case-count">
        {formatCount(cases)} {cases === 1 ? 'case' : 'cases'}
      </Text>
      <Text size="xs" c="dimmed">
        {[
          baselines > 0 ? `and ${formatCount(baselines)} ${baselines === 1 ? 'baseline' : 'baselines'}` : '',
          known !== null && known > 0 ? `${formatCount(known)} already known` : '',
          estimate === null
            ? ''
            : `about ${formatDuration(estimate.wall_s)} (${formatDuration(estimate.cpu_s)} of CPU)`,
        ]
          .filter((part) => part !== '')
          .join(' · ')}
      </Text>
    </div>
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
