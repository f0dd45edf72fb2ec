import { DesignPanel } from './design-panel'
import type { PanelProps } from './panel-props'
import { RelationsPanel } from './relations-panel'
import { RunPanel } from './run-panel'

/** What stands below the parameters; loaded after what is in view at first. */
export default function LowerPanels({ editor, errorOf }: PanelProps) {
  return (
    <>
      <RelationsPanel editor={editor} errorOf={errorOf} />
      <DesignPanel editor={editor} errorOf={errorOf} />
      <RunPanel editor={editor} errorOf={errorOf} />
    </>
  )
}
