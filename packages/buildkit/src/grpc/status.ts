import { type ErrorCode, messageOf, SlipwayError } from '@slipway/core'
import { rpcStatus } from '../messages/wellknown.ts'

export const grpcCode = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  unauthenticated: 16,
} as const

const codes: Readonly<Partial<Record<ErrorCode, number>>> = {
  'not-found': grpcCode.notFound,
  'already-exists': grpcCode.alreadyExists,
  forbidden: grpcCode.permissionDenied,
  unsupported: grpcCode.unimplemented,
  unavailable: grpcCode.unavailable,
  unauthenticated: grpcCode.unauthenticated,
  cancelled: grpcCode.cancelled,
}

const errorCodes: Readonly<Record<number, ErrorCode>> = {
  [grpcCode.cancelled]: 'cancelled',
  [grpcCode.invalidArgument]: 'invalid',
  [grpcCode.notFound]: 'not-found',
  [grpcCode.alreadyExists]: 'already-exists',
  [grpcCode.permissionDenied]: 'forbidden',
  [grpcCode.unimplemented]: 'unsupported',
  [grpcCode.unavailable]: 'unavailable',
  [grpcCode.unauthenticated]: 'unauthenticated',
}

/** A detail of an error: BuildKit's are JSON under a Go type's name. */
export interface StatusDetail {
  readonly typeUrl: string
  readonly value: Uint8Array
}

/** A call failed with `code`; `details` tell the client more (see google.rpc.Status). */
export class GrpcError extends Error {
  readonly code: number
  readonly details: readonly StatusDetail[]

  constructor(code: number, message: string, options: { details?: readonly StatusDetail[]; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'GrpcError'
    this.code = code
    this.details = options.details ?? []
  }
}

/** gRPC's answer to an error of ours: its code where there is one, `unknown` for all that only the message explains. */
export const statusOf = (error: unknown): GrpcError => {
  if (error instanceof GrpcError) return error
  const code = error instanceof SlipwayError ? (codes[error.code] ?? grpcCode.unknown) : grpcCode.unknown
  return new GrpcError(code, messageOf(error), { cause: error })
}

/** A detail of our own: the image of what a step that failed left behind, `{ image }`. */
export const failedImageType = 'slipway/build.FailedImage+json'

/** Our error for what a peer answered. */
export const errorOf = (code: number, message: string, details: readonly StatusDetail[] = []): SlipwayError =>
  new SlipwayError(errorCodes[code] ?? 'internal', message, { detail: { grpcCode: code, grpcDetails: details } })

/** What an error that a peer answered tells more. */
export const detailsOf = (error: unknown): readonly StatusDetail[] =>
  error instanceof SlipwayError ? ((error.detail['grpcDetails'] as readonly StatusDetail[] | undefined) ?? []) : []

/** The details in a trailer; none when they can't be read. */
export const readDetails = (trailer: unknown): readonly StatusDetail[] => {
  if (typeof trailer !== 'string') return []
  try {
    return rpcStatus.decode(Buffer.from(trailer, 'base64')).details
  } catch {
    return []
  }
}

/** `grpc-message` is percent-encoded UTF-8 (gRPC over HTTP/2, "Responses"). */
export const encodeMessage = (text: string): string =>
  Buffer.from(text)
    .toString('latin1')
    .replace(/[^\x20-\x24\x26-\x7e]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)

export const decodeMessage = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The trailers that end a call. */
export const trailersOf = (error: GrpcError | undefined): Record<string, string> => {
  if (error === undefined) return { 'grpc-status': '0' }
  const details = rpcStatus.encode({ code: error.code, message: error.message, details: error.details })
  return {
    'grpc-status': String(error.code),
    'grpc-message': encodeMessage(error.message),
    ...(error.details.length === 0 ? {} : { 'grpc-status-details-bin': Buffer.from(details).toString('base64') }),
  }
}
