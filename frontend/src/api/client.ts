/** Sets up the generated client: same-origin cookies, Django's CSRF header, every failure as an ApiError. */
import { client } from './generated/client.gen'
import { toApiError } from './problem'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

export function readCookie(name: string): string | undefined {
  return document.cookie
    .split('; ')
    .find((cookie) => cookie.startsWith(`${name}=`))
    ?.slice(name.length + 1)
}

client.setConfig({ baseUrl: window.location.origin, credentials: 'same-origin' })

client.interceptors.request.use((request) => {
  const token = readCookie('csrftoken')
  if (!SAFE_METHODS.has(request.method) && token !== undefined) request.headers.set('X-CSRFToken', token)
  return request
})

client.interceptors.error.use((error, response) => toApiError(error, response))

export { client }
