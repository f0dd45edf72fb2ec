/** A study on its way to the service: as JSON from the form, or as the YAML text that somebody wrote. */
import type { Study, StudyDocument } from '../draft/build-study'

/** The parts of a request that say what the body is; the text goes out to the letter. */
export function sendDocument(document: StudyDocument) {
  if (typeof document !== 'string') return { body: document }
  return {
    // the API's description has the study's schema for every media type
    body: document as unknown as Study,
    bodySerializer: null,
    headers: { 'Content-Type': 'application/yaml' },
  }
}
