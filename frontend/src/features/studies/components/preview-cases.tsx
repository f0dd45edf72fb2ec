import { List, Text } from '@mantine/core'

import type { Preview } from '@/api'
import { FieldError } from '@/components/ui/field-error'
import { Panel } from '@/components/ui/panel'
import { useRefNames } from '@/features/library/api/names'
import { formatCount } from '@/format/numbers'

import { splitCommon } from '../draft/common-changes'
import classes from './preview-panel.module.css'

const MOST_SHOWN = 6

/** The first cases of a study, each as the changes it makes to the model. */
export default function PreviewCases({ answer }: { answer: Preview }) {
  const total = answer.case_count + answer.baseline_count
  const { common, own } = splitCommon(answer.cases.map(({ summary }) => ({ changes: summary })))
  const modelName = useRefNames(
    'models',
    answer.cases.map(({ model }) => model),
  )
  const weatherName = useRefNames(
    'weather',
    answer.cases.map(({ weather }) => weather),
  )
  if (answer.cases.length === 0) return null
  return (
    <Panel
      title={answer.cases.length < total ? 'First cases' : 'Cases'}
      aside={
        <Text size="xs" c="dimmed">
          {formatCount(answer.cases.length)} of {formatCount(total)}
        </Text>
      }
    >
      {common.length > 0 && (
        <section className={classes.case}>
          <Text size="xs" fw={600}>
            In all of them
          </Text>
          <Changes changes={common} hasOthers={false} />
        </section>
      )}
      {answer.cases.map((found, at) => (
        <section key={found.index} className={classes.case} aria-label={`Case ${found.index.toString()}`}>
          <Text size="xs" fw={600}>
            {found.index < 0 ? 'Baseline' : `Case ${found.index.toString()}`}
            <Text span inherit fw={400} c="dimmed">
              {' '}
              · {modelName(found.model)} · {weatherName(found.weather)}
            </Text>
          </Text>
          {found.error === null ? (
            <Changes changes={own[at] ?? []} hasOthers={common.length > 0} />
          ) : (
            <FieldError>{`Cannot be made: ${found.error}`}</FieldError>
          )}
        </section>
      ))}
    </Panel>
  )
}

function Changes({ changes, hasOthers }: { changes: readonly string[]; hasOthers: boolean }) {
  const more = changes.slice(MOST_SHOWN)
  if (changes.length === 0) {
    return (
      <Text size="xs" c="dimmed">
        {hasOthers ? 'Nothing besides.' : 'The model as it is.'}
      </Text>
    )
  }
  return (
    <>
      <ChangeList changes={changes.slice(0, MOST_SHOWN)} />
      {more.length > 0 && (
        <details className={classes.more}>
          <summary>and {more.length} more</summary>
          <ChangeList changes={more} />
        </details>
      )}
    </>
  )
}

function ChangeList({ changes }: { changes: readonly string[] }) {
  return (
    <List size="xs" listStyleType="none" className={classes.findings}>
      {changes.map((change) => (
        <List.Item key={change}>{change}</List.Item>
      ))}
    </List>
  )
}
