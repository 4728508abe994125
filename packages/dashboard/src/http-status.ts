import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ErrorCode, hasCode, type Logger, messageOf, SlipwayError } from '@slipway/core'
import { sendJson } from '@slipway/http'

/** How the dashboard says its own errors; the engine's pass through as they are. */
const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'rate-limited': 429,
  unsupported: 501,
  unavailable: 502,
}

/** The engine's own envelope: `{"message": …}`. */
export const renderError =
  (logger: Logger) =>
  (error: unknown, request: IncomingMessage, response: ServerResponse): void => {
    const status = (error instanceof SlipwayError ? statuses[error.code] : undefined) ?? 500
    if (status === 500 && !hasCode(error, 'cancelled')) {
      logger.error({ method: request.method, url: request.url, error }, 'request failed')
    }
    sendJson(response, status, { message: messageOf(error) })
  }
