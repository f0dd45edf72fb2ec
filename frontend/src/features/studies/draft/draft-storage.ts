/** Keeps the draft in the browser, so that a reload, a log-out or a closed tab loses nothing. */
import { makeDraft, type StudyDraft } from './draft'

const KEY = 'casefarm.study-draft.2'

export function loadDraft(): StudyDraft {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    return isDraft(stored) ? stored : makeDraft()
  } catch {
    return makeDraft() // not readable as JSON, or the browser keeps nothing
  }
}

/** Returns whether the browser kept it. */
export function storeDraft(draft: StudyDraft): boolean {
  try {
    localStorage.setItem(KEY, JSON.stringify(draft))
    return true
  } catch {
    return false
  }
}

export function forgetDraft() {
  localStorage.removeItem(KEY)
}

/** A draft of an older shape is not guessed at. */
function isDraft(value: unknown): value is StudyDraft {
  if (typeof value !== 'object' || value === null) return false
  const stored = value as Record<string, unknown>
  return Object.entries(makeDraft()).every(
    ([key, example]) =>
      typeof stored[key] === typeof example && Array.isArray(stored[key]) === Array.isArray(example),
  )
}
