import type { DraftEditor } from '../draft/use-draft'

/** What every panel of the form gets. */
export type PanelProps = {
  editor: DraftEditor
  /** What is wrong at a control, by its path in the study; undefined if nothing is. */
  errorOf: (path: string) => string | undefined
}
