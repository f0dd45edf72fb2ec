/** Sorts files that were chosen together: what is to be uploaded, and what comes with it. */
import type { LibraryKind, Upload } from './library'

const MODEL = /\.(idf|epjson)$/i

/**
 * Every model takes all files along that are no models: those it refers to are among them. Of files without a model
 * nothing can be made. A weather file comes alone.
 */
export function sortUploads(kind: LibraryKind, files: readonly File[]): Upload[] {
  if (kind === 'weather') return files.map((file) => ({ file, attachments: [] }))
  const attachments = files.filter((file) => !MODEL.test(file.name))
  return files.filter((file) => MODEL.test(file.name)).map((file) => ({ file, attachments }))
}
