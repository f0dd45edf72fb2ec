/** The shared way to the service: import calls and types from here, so that the client is always set up. */
import './client'

export * from './generated'
export * from './generated/@tanstack/react-query.gen'
export { readCursor } from './cursor'
export { ApiError, toApiError } from './problem'
