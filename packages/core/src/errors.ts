/**
 * What went wrong, in words every protocol can translate. Exactly one table per protocol turns a code into its
 * answer: `engine/http-status.ts`, `registry/oci-error.ts`, `cli/exit-code.ts`.
 */
export type ErrorCode =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'already-exists'
  | 'conflict'
  | 'not-modified'
  | 'too-large'
  | 'rate-limited'
  | 'unsupported'
  | 'unavailable'
  | 'cancelled'
  | 'internal'

/** The one error class. Across packages compare `code` (see `hasCode`), not `instanceof`. */
export class SlipwayError extends Error {
  readonly code: ErrorCode
  /** Facts for the caller and the log: never secrets. */
  readonly detail: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; detail?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'SlipwayError'
    this.code = code
    this.detail = options.detail ?? {}
  }
}

/** `notFound('container', 'web')` reads "No such container: web", docker's own words. */
export const notFound = (kind: string, id: string): SlipwayError =>
  new SlipwayError('not-found', `No such ${kind}: ${id}`, { detail: { kind, id } })

export const invalid = (message: string, cause?: unknown): SlipwayError =>
  new SlipwayError('invalid', message, cause === undefined ? {} : { cause })

export const conflict = (message: string): SlipwayError => new SlipwayError('conflict', message)

/** True when `error` is a SlipwayError with this code. */
export const hasCode = (error: unknown, code: ErrorCode): error is SlipwayError =>
  error instanceof Error && (error as Partial<SlipwayError>).code === code && error.name === 'SlipwayError'

/** The message of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** True when `error` carries this errno name, for example `hasErrno(error, 'ENOENT')`. */
export const hasErrno = (error: unknown, errno: string): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === errno
