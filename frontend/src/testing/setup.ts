/** What jsdom lacks and Mantine needs, the fake service, and a clean browser after each test. */
import '@testing-library/jest-dom/vitest'

import { notifications } from '@mantine/notifications'
import { cleanup, configure } from '@testing-library/react'

import { service } from './service'

// generous, for machines that do other things at the same time
configure({ asyncUtilTimeout: 20_000 })

window.matchMedia = (media) =>
  Object.assign(new EventTarget(), { matches: false, media, onchange: null }) as unknown as MediaQueryList
window.ResizeObserver = class {
  observe() {
    return undefined
  }
  unobserve() {
    return undefined
  }
  disconnect() {
    return undefined
  }
}
Object.defineProperty(document, 'fonts', { value: new EventTarget() })
// jsdom lays nothing out; a virtual table shows the rows for which there is room
Object.defineProperty(HTMLElement.prototype, 'clientHeight', { get: () => 600 })
Object.defineProperty(HTMLElement.prototype, 'clientWidth', { get: () => 1000 })
window.scrollTo = () => undefined
Element.prototype.scrollIntoView = () => undefined

// a warning of React or of a library is a failure
for (const level of ['error', 'warn'] as const) {
  console[level] = (...parts: unknown[]) => {
    throw new Error(`console.${level}: ${parts.map(String).join(' ')}`)
  }
}

beforeAll(() => service.listen({ onUnhandledRequest: 'error' }))
afterEach(() => {
  cleanup()
  notifications.clean()
  service.resetHandlers()
  localStorage.clear()
})
afterAll(() => service.close())
