/** What the service answers when it refuses (RFC 9457), as one error class that every page can show. */
import type { ProblemEntry } from './generated'

export type { ProblemEntry }

export class ApiError extends Error {
  override name = 'ApiError'

  constructor(
    /** HTTP status; 0 when the service did not answer at all. */
    readonly status: number,
    message: string,
    readonly entries: readonly ProblemEntry[] = [],
  ) {
    super(message)
  }
}

const FALLBACKS: Record<number, string> = {
  0: 'The server does not answer. Check that it is running and try again.',
  401: 'You are logged out. Log in again to go on.',
  403: 'You may not do this.',
  404: 'There is nothing here, or it belongs to somebody else.',
  413: 'The file is larger than the server accepts.',
}

/** Returns the ApiError for whatever a request threw: a problem document, another body, or no answer. */
export function toApiError(thrown: unknown, response?: Response): ApiError {
  if (thrown instanceof ApiError) return thrown
  const status = response?.status ?? 0
  const fallback = FALLBACKS[status] ?? `The server answered with status ${status} and did not say why.`
  if (!isRecord(thrown) || thrown instanceof Error) return new ApiError(status, fallback)
  const detail = typeof thrown.detail === 'string' && thrown.detail !== '' ? thrown.detail : fallback
  return new ApiError(status, detail, readEntries(thrown.errors))
}

function readEntries(errors: unknown): ProblemEntry[] {
  if (!Array.isArray(errors)) return []
  return errors.filter(isRecord).map((entry) => ({
    path: typeof entry.path === 'string' ? entry.path : '',
    message: typeof entry.message === 'string' ? entry.message : 'refused',
    found: entry.found,
    accepted: entry.accepted,
  }))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
