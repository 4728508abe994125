import { posix } from 'node:path'
import { type Place, placesOf } from '@slipway/build'
import { failedImageType, GrpcError, grpcCode, type StatusDetail, statusOf } from '@slipway/buildkit'
import { formatReference, hasCode, messageOf, parseReference, SlipwayError, withDefaultTag } from '@slipway/core'
import { excerptSource } from './excerpt-source.ts'

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
const sourceDetail = ({ filename, text }: SourceText, { start, end }: Place): StatusDetail => {
  const data = Buffer.from(excerptSource(text, [start, end])).toString('base64')
  return detail('errdefs.Source', {
    info: { filename, data, language: 'Dockerfile' },
    ranges: [{ start: { line: start }, end: { line: end } }],
  })
}

/** Why the runtime couldn't begin a process. */
const refusal = /OCI runtime create failed: (?:runc create failed: )?(.*?)(?:: unknown)?$/s

/** What BuildKit shows among a step's output when its process couldn't be begun; undefined: the error says it. */
export const startFailure = (error: unknown): string | undefined =>
  error instanceof SlipwayError && error.detail['unstarted'] !== undefined
    ? refusal.exec(error.message)?.[1]
    : undefined

const inWordsOfProcess = (error: SlipwayError, command: string): SlipwayError => {
  const why = startFailure(error) === undefined ? error.message : 'exit code: 1'
  const message = `process ${JSON.stringify(command)} did not complete successfully: ${why}`
  return new SlipwayError(error.code, message, { cause: error })
}

const inWordsOfImage = (error: SlipwayError, image: string): SlipwayError => {
  if (error.code === 'cancelled') return error
  const full = formatReference(withDefaultTag(parseReference(image)))
  const { image: _, ...detail } = error.detail
  const message = `${image}: failed to resolve source metadata for ${full}: ${error.message}`
  return new SlipwayError(error.code, message, { cause: error, detail })
}

/**
 * A file that a COPY wants and that isn't there, a process that can't be begun, in BuildKit's words; other errors as they are.
 */
export const inBuildKitsWords = (error: unknown): unknown => {
  if (!(error instanceof SlipwayError)) return error
  const { path, unstarted, image } = error.detail
  if (typeof image === 'string') return inWordsOfImage(error, image)
  if (typeof unstarted === 'string') return inWordsOfProcess(error, unstarted)
  if (typeof path !== 'string') return error
  const shown = JSON.stringify(posix.resolve('/', path))
  return new SlipwayError('invalid', `failed to calculate checksum of ref: ${shown}: not found`, {
    cause: error,
    detail: { whileKeyed: true },
  })
}

/** What a whole build says beyond what its step does. */
const inWordsOfBuild = (error: unknown): unknown => {
  const told = inBuildKitsWords(error)
  if (told instanceof SlipwayError && told.detail['download'] !== undefined) {
    return new SlipwayError(told.code, `failed to load cache key: ${told.message}`, { cause: error })
  }
  if (!(told instanceof SlipwayError) || told.detail['whileKeyed'] !== true) return told
  return new SlipwayError(told.code, `failed to compute cache key: ${told.message}`, { cause: error })
}

/** The image of what a step left behind, for a client that asked to keep it. */
const failedImage = (error: unknown): readonly StatusDetail[] => {
  const image = error instanceof SlipwayError ? error.detail['failedImage'] : undefined
  return typeof image === 'string' ? [{ typeUrl: failedImageType, value: Buffer.from(JSON.stringify({ image })) }] : []
}

/**
 * An error as clients are told of it: `step` is where the step that failed stands. They print another code than `unknown` before
 * the message, and BuildKit has none, but for a process that the kernel killed for want of memory.
 */
export const failureOf = (error: unknown, source: SourceText | undefined, step?: Place): GrpcError => {
  if (error instanceof GrpcError) return error
  const places = step === undefined ? placesOf(error) : [step]
  const told = inWordsOfBuild(error)
  if (hasCode(error, 'cancelled')) return statusOf(told)
  const details = source === undefined ? [] : places.map((place) => sourceDetail(source, place))
  const isOutOfMemory = error instanceof SlipwayError && error.detail['outOfMemory'] === true
  return new GrpcError(isOutOfMemory ? grpcCode.resourceExhausted : grpcCode.unknown, messageOf(told), {
    cause: error,
    details: [...details, ...failedImage(error)],
  })
}
