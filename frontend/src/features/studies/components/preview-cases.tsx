import { List, Text } from '@mantine/core'

import type { Preview } from '@/api'
import { Panel } from '@/components/ui/panel'
import { formatCount } from '@/format/numbers'

import classes from './preview-panel.module.css'

/** The first cases of a study, each as the changes it makes to the model. */
export function PreviewCases({ answer }: { answer: Preview }) {
  const total = answer.case_count + answer.baseline_count
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
      {answer.cases.map((found) => (
        <section key={found.index} className={classes.case} aria-label={`Case ${found.index.toString()}`}>
          <Text size="xs" fw={600}>
            {found.index < 0 ? 'Baseline' : `Case ${found.index.toString()}`}
            <Text span inherit fw={400} c="dimmed">
              {' '}
              · {found.model} · {found.weather}
            </Text>
          </Text>
          {found.changes.length === 0 ? (
            <Text size="xs" c="dimmed">
              The model as it is.
            </Text>
          ) : (
            <List size="xs" listStyleType="none">
              {found.changes.map((change) => (
                <List.Item key={change}>{change}</List.Item>
              ))}
            </List>
          )}
        </section>
      ))}
    </Panel>
  )
}
