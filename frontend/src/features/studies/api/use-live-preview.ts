import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'

import { ApiError, toApiError } from '@/api'

import { buildDocument, type Finding } from '../draft/build-study'
import type { StudyDraft } from '../draft/draft'
import { listMissing } from '../draft/list-missing'
import { placeFindings } from '../draft/place-findings'
import { previewOptions } from './preview'

const PAUSE_MS = 400

/** The draft as the service sees it, asked again whenever typing pauses and nothing is missing. */
export function useLivePreview(draft: StudyDraft, submitError: Error | null) {
  const [settled] = useDebouncedValue(draft, PAUSE_MS)
  const document = useMemo(() => buildDocument(settled), [settled])
  const missing = useMemo(() => listMissing(draft), [draft])
  const isComplete = useMemo(() => listMissing(settled).length === 0, [settled])
  const preview = useQuery(previewOptions(document, isComplete))

  const problem = preview.error === null ? null : toApiError(preview.error)
  const refused = useMemo(
    () => listRefused(isComplete ? problem : null, submitError),
    [isComplete, problem, submitError],
  )
  const placed = useMemo(() => placeFindings(refused), [refused])
  return {
    /** What was asked about. */
    document,
    missing,
    refused,
    placed,
    /** Set when the service could not be asked at all, which says nothing about the study. */
    failure: problem !== null && problem.entries.length === 0 ? problem : null,
    /** The last answer; of an earlier draft while `isChecking`. */
    answer: isComplete && problem === null ? preview.data : undefined,
    isChecking: preview.isPlaceholderData || preview.isLoading || settled !== draft,
    isReady: missing.length === 0 && settled === draft && preview.isSuccess && !preview.isPlaceholderData,
  }
}

export type LivePreview = ReturnType<typeof useLivePreview>

function listRefused(problem: ApiError | null, submitError: Error | null): Finding[] {
  const source = problem ?? (submitError === null ? null : toApiError(submitError))
  return (source?.entries ?? []).map(({ path, message, accepted }) => ({
    path,
    message: withNearest(message, accepted).replace(/`([^`]*)`/g, '“$1”'),
  }))
}

/** Adds what would be accepted where the sentence does not say so already. */
function withNearest(message: string, accepted: unknown): string {
  if (!Array.isArray(accepted) || accepted.length === 0) return message
  const names = accepted.map(String)
  return names.some((name) => message.includes(name)) ? message : `${message} Accepted: ${names.join(', ')}.`
}
