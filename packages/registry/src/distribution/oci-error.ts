import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ErrorCode, hasErrno, type Logger, SlipwayError } from '@slipway/core'
import { isFull } from '@slipway/database'
import { sendJson } from '@slipway/http'
import { requestIdOf } from '../request-id.ts'

interface Answer {
  readonly status: number
  /** What the rest of Slipway calls it. */
  readonly code: ErrorCode
  readonly message: string
}

/** OCI distribution-spec, "Error Codes", and the few that registries have added to it. */
const answers = {
  BLOB_UNKNOWN: { status: 404, code: 'not-found', message: 'blob unknown to registry' },
  BLOB_UPLOAD_INVALID: { status: 400, code: 'invalid', message: 'blob upload invalid' },
  BLOB_UPLOAD_UNKNOWN: { status: 404, code: 'not-found', message: 'blob upload unknown to registry' },
  DENIED: { status: 403, code: 'forbidden', message: 'requested access to the resource is denied' },
  DIGEST_INVALID: { status: 400, code: 'invalid', message: 'provided digest did not match uploaded content' },
  INTERNAL: { status: 500, code: 'internal', message: 'internal error' },
  MANIFEST_BLOB_UNKNOWN: { status: 404, code: 'not-found', message: 'manifest references an unknown manifest or blob' },
  MANIFEST_INVALID: { status: 400, code: 'invalid', message: 'manifest invalid' },
  MANIFEST_UNKNOWN: { status: 404, code: 'not-found', message: 'manifest unknown' },
  NAME_INVALID: { status: 400, code: 'invalid', message: 'invalid repository name' },
  NAME_UNKNOWN: { status: 404, code: 'not-found', message: 'repository name not known to registry' },
  NOT_FOUND: { status: 404, code: 'not-found', message: 'page not found' },
  PAGINATION_NUMBER_INVALID: { status: 400, code: 'invalid', message: 'invalid number of results requested' },
  RANGE_INVALID: { status: 416, code: 'invalid', message: 'invalid content range' },
  REQUEST_INVALID: { status: 400, code: 'invalid', message: 'invalid request' },
  SIZE_INVALID: { status: 400, code: 'invalid', message: 'provided length did not match content length' },
  TAG_INVALID: { status: 400, code: 'invalid', message: 'invalid tag name' },
  TOO_LARGE: { status: 413, code: 'too-large', message: 'request body is too large' },
  TOOMANYREQUESTS: { status: 429, code: 'rate-limited', message: 'too many requests' },
  UNAUTHORIZED: { status: 401, code: 'unauthenticated', message: 'authentication required' },
  UNAVAILABLE: { status: 503, code: 'unavailable', message: 'service unavailable' },
  UNSUPPORTED: { status: 405, code: 'unsupported', message: 'the operation is unsupported' },
} as const satisfies Record<string, Answer>

export type OciCode = keyof typeof answers

/** Errors that name no OCI code of their own: what a store, the database or the password check threw. */
const byCode: Readonly<Record<ErrorCode, OciCode>> = {
  invalid: 'REQUEST_INVALID',
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'DENIED',
  'not-found': 'NOT_FOUND',
  'already-exists': 'REQUEST_INVALID',
  conflict: 'REQUEST_INVALID',
  'not-modified': 'REQUEST_INVALID',
  'too-large': 'TOO_LARGE',
  'rate-limited': 'TOOMANYREQUESTS',
  unsupported: 'UNSUPPORTED',
  unavailable: 'UNAVAILABLE',
  cancelled: 'REQUEST_INVALID',
  internal: 'INTERNAL',
}

interface OciErrorOptions {
  /** Default: the words of the specification. */
  readonly message?: string
  readonly detail?: unknown
  /** Several things are wrong in one way: an error each, with these details. */
  readonly details?: readonly unknown[]
  /** Where a client expects another one than the table's: a 401 that says DENIED. */
  readonly status?: number
  readonly cause?: unknown
}

/** An error in the specification's words: `throw ociError('BLOB_UNKNOWN', { detail: { digest } })`. */
export const ociError = (
  oci: OciCode,
  { message, detail, details = [detail], status, cause }: OciErrorOptions = {},
): SlipwayError =>
  new SlipwayError(answers[oci].code, message ?? answers[oci].message, { cause, detail: { oci, status, details } })

/** The answer to whatever a handler threw. Only what we said ourselves is told to the client. */
const answerTo = (error: unknown): { oci: OciCode; status: number; message: string; details: readonly unknown[] } => {
  if (!(error instanceof SlipwayError)) return { oci: 'INTERNAL', ...answers.INTERNAL, details: [undefined] }
  const named = error.detail['oci'] as OciCode | undefined
  const oci = named ?? byCode[error.code]
  const status = error.detail['isTooSlow']
    ? 408
    : ((error.detail['status'] as number | undefined) ?? answers[oci].status)
  const message = oci === 'INTERNAL' ? answers.INTERNAL.message : error.message
  return { oci, status, message, details: named ? (error.detail['details'] as readonly unknown[]) : [undefined] }
}

/** The file system is full, or the database says so. */
export const isOutOfSpace = (error: unknown): boolean =>
  hasErrno(error, 'ENOSPC') || hasErrno(error, 'EDQUOT') || isFull(error)

export const outOfSpace = (cause?: unknown): SlipwayError =>
  new SlipwayError('unavailable', 'no space left in the registry', { cause, detail: { retryAfterSeconds: 60 } })

/** What a disk says that is broken, was made read-only, went away with its network, or let us open no more files. */
const failures = ['EIO', 'EROFS', 'EPERM', 'EACCES', 'ENXIO', 'ENODEV', 'ESTALE', 'ENOTCONN', 'EMFILE', 'ENFILE']

/** An error in words that a client can do something with: it may come back. */
const inOurWords = (error: unknown): unknown => {
  if (isOutOfSpace(error)) return outOfSpace(error)
  if (!failures.some((errno) => hasErrno(error, errno))) return error
  return new SlipwayError('unavailable', 'the storage fails', { cause: error, detail: { retryAfterSeconds: 60 } })
}

/** `{"errors":[{"code":…,"message":…,"detail":…}]}`, and a line in the log for what is our fault. */
export const renderOciError =
  (logger: Logger) =>
  (error: unknown, request: IncomingMessage, response: ServerResponse): void => {
    const thrown = inOurWords(error)
    const { oci, status, message, details } = answerTo(thrown)
    if (status >= 500) {
      const requestId = requestIdOf(request)
      logger.error({ method: request.method, url: request.url, requestId, error }, 'request failed')
    }
    // Whoever drips has had the connection long enough.
    if (status === 408) response.setHeader('Connection', 'close')
    const wait = thrown instanceof SlipwayError ? thrown.detail['retryAfterSeconds'] : undefined
    if (typeof wait === 'number') response.setHeader('Retry-After', wait)
    // What is still on its way from the client is let run off, or the client would never come to read this answer.
    if (!request.complete) request.resume()
    const errors = details.map((detail) => ({ code: oci, message, ...(detail === undefined ? {} : { detail }) }))
    sendJson(response, status, { errors })
  }
