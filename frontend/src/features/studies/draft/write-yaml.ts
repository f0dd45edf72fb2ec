/** A study as YAML with short lists on one line; loaded when it is asked for. */
import { Document, isScalar, visit } from 'yaml'

import type { Study } from './build-study'

export function writeYaml(study: Study): string {
  const document = new Document(study)
  visit(document, {
    Seq: (_key, list) => {
      list.flow = list.items.every(isScalar)
    },
  })
  return document.toString({ lineWidth: 100, flowCollectionPadding: false })
}
