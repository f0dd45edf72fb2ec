/** The session: allauth's headless API, which stands outside of the service's own OpenAPI document. */
import { queryOptions } from '@tanstack/react-query'

import { ApiError, toApiError } from '@/api'
import { client } from '@/api/client'

export type Person = { username: string }

const SESSION = '/_allauth/browser/v1/auth/session'
const LOGIN = '/_allauth/browser/v1/auth/login'

type SessionAnswer = { data?: { user?: { username?: string; display?: string } } }

/** Who is logged in; null if nobody. Also sets the CSRF cookie. */
export async function fetchSession(): Promise<Person | null> {
  try {
    return readPerson((await client.get({ url: SESSION, throwOnError: true })).data)
  } catch (error) {
    const { status } = toApiError(error)
    if (status === 401 || status === 410) return null
    throw error
  }
}

export function sessionOptions() {
  return queryOptions({ queryKey: ['session'], queryFn: fetchSession, staleTime: 60_000 })
}

/** Logs in; throws an ApiError that says what to do when that is refused. */
export async function logIn(username: string, password: string): Promise<Person | null> {
  try {
    const body = { username, password }
    return readPerson((await client.post({ url: LOGIN, body, throwOnError: true })).data)
  } catch (error) {
    throw explainRefusal(toApiError(error), username)
  }
}

export async function logOut(): Promise<void> {
  try {
    await client.delete({ url: SESSION, throwOnError: true })
  } catch (error) {
    if (toApiError(error).status !== 401) throw error // 401 is how allauth says that nobody is logged in any more
  }
}

function readPerson(answer: unknown): Person | null {
  const user = (answer as SessionAnswer | undefined)?.data?.user
  return user === undefined ? null : { username: user.username ?? user.display ?? '' }
}

function explainRefusal(error: ApiError, username: string): ApiError {
  if (error.status === 400)
    return new ApiError(
      400,
      `The password is wrong, or there is no user “${username}”. Check both and try again.`,
    )
  if (error.status === 429) return new ApiError(429, 'Too many attempts. Wait a few minutes and try again.')
  return error
}
