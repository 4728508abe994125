import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ErrorCode, type Logger, messageOf, SlipwayError } from '@slipway/core'
import { sendEmpty, sendJson } from '@slipway/http'

/** How the Docker Engine API says each error. The only table of its kind in the engine. */
const statuses: Readonly<Record<ErrorCode, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'already-exists': 409,
  conflict: 409,
  'not-modified': 304,
  'too-large': 413,
  'rate-limited': 429,
  unsupported: 501,
  unavailable: 503,
  cancelled: 500,
  internal: 500,
}

export const statusOf = (error: unknown): number => (error instanceof SlipwayError ? statuses[error.code] : 500)

/** The error envelope: `{"message": …}`. */
export const renderError =
  (logger: Logger) =>
  (error: unknown, request: IncomingMessage, response: ServerResponse): void => {
    const status = statusOf(error)
    if (status >= 500) logger.error({ method: request.method, url: request.url, error }, 'request failed')
    if (status === 304) sendEmpty(response, status)
    else sendJson(response, status, { message: messageOf(error) })
  }
