import { GrpcError, grpcCode, type StatusDetail, statusOf } from '@slipway/buildkit'
import { messageOf, SlipwayError } from '@slipway/core'

/** The Dockerfile, and where in it something went wrong. */
export interface SourceText {
  readonly filename: string
  readonly text: string
}

const detail = (type: string, value: unknown): StatusDetail => ({
  typeUrl: `github.com/moby/buildkit/${type}+json`,
  value: Buffer.from(JSON.stringify(value)),
})

/** With it a client shows the lines around the mistake. */
const sourceDetail = ({ filename, text }: SourceText, [first, last]: readonly [number, number]): StatusDetail =>
  detail('errdefs.Source', {
    info: { filename, data: Buffer.from(text).toString('base64'), language: 'Dockerfile' },
    ranges: [{ start: { line: first }, end: { line: last } }],
  })

/** Lines that the parser puts into its messages. */
const lineOf = (error: unknown): number | undefined => {
  const line = error instanceof SlipwayError ? error.detail['line'] : undefined
  return typeof line === 'number' ? line : undefined
}

/** A file that a COPY wants and that isn't there, in BuildKit's words; other errors as they are. */
export const inBuildKitsWords = (error: unknown): unknown => {
  const path = error instanceof SlipwayError ? error.detail['path'] : undefined
  if (typeof path !== 'string') return error
  const shown = JSON.stringify(`/${path.replace(/^\/+/, '')}`)
  return new SlipwayError(
    'invalid',
    `failed to compute cache key: failed to calculate checksum of ref: ${shown}: not found`,
    { cause: error },
  )
}

/** An error as clients are told of it: `lines` are those of the step that failed. */
export const failureOf = (
  error: unknown,
  source: SourceText | undefined,
  lines?: readonly [number, number],
): GrpcError => {
  if (error instanceof GrpcError) return error
  const line = lineOf(error)
  const range = lines ?? (line === undefined ? undefined : ([line, line] as const))
  const told = inBuildKitsWords(error)
  if (source === undefined || range === undefined) return statusOf(told)
  return new GrpcError(grpcCode.unknown, messageOf(told), { cause: error, details: [sourceDetail(source, range)] })
}
