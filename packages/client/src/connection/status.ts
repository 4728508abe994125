import { type ErrorCode, SlipwayError } from '@slipway/core'
import type { ErrorResponse } from '../wire/error-response.ts'

const codes: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  413: 'too-large',
  429: 'rate-limited',
  501: 'unsupported',
  503: 'unavailable',
}

/** What an HTTP status of 400 and above means to us; `internal` where the table says nothing. */
export const codeOfStatus = (status: number): ErrorCode => codes[status] ?? 'internal'

const messageIn = (body: string): string | undefined => {
  try {
    const { message } = JSON.parse(body) as Partial<ErrorResponse>
    return typeof message === 'string' ? message : undefined
  } catch {
    return undefined
  }
}

/** The engine's answer as an error: its words, the code of its status, and the status in `detail`. */
export const errorFromStatus = (status: number, body: string): SlipwayError => {
  const message = messageIn(body) ?? body.trim()
  const code = codeOfStatus(status)
  return new SlipwayError(code, message === '' ? `the engine answered with status ${status}` : message, {
    detail: { status },
  })
}

/** True when the engine said so itself; false when it wasn't reached or we never asked. */
export const isFromEngine = (error: unknown): error is SlipwayError =>
  error instanceof Error && 'detail' in error && typeof (error as SlipwayError).detail?.['status'] === 'number'
