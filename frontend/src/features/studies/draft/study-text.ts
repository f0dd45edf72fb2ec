/** A study as YAML and back; loaded when it is asked for. */
import { Document, isScalar, parseDocument, visit } from 'yaml'

import type { Study } from './build-study'
import { readStudy, type ReadStudy } from './read-study'

/** Writes short lists on one line. */
export function writeStudy(study: Study): string {
  const document = new Document(study, { aliasDuplicateObjects: false })
  visit(document, {
    Seq: (_key, list) => {
      list.flow = list.items.every(isScalar)
    },
  })
  return document.toString({ lineWidth: 100, flowCollectionPadding: false })
}

/** Reads a study, or says why the text is none; JSON is YAML too. */
export function openStudy(text: string): ReadStudy | { error: string } {
  const document = parseDocument(text)
  const [problem] = document.errors
  if (problem !== undefined) return { error: problem.message.split('\n')[0] ?? problem.message }
  const study: unknown = document.toJS()
  if (typeof study !== 'object' || study === null || Array.isArray(study))
    return { error: 'This is no study: it begins with keys like “name:” and “model:”.' }
  return readStudy(study)
}
