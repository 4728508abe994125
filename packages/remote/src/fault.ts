import { STATUS_CODES } from 'node:http'
import type { Readable } from 'node:stream'
import { type ErrorCode, SlipwayError } from '@slipway/core'
import { parseChallenges } from './challenge.ts'
import { parseRetryAfter } from './retry.ts'
import { headerOf, type Response } from './transport.ts'

/** The error codes of OCI distribution-spec (section "Error Codes"), in our words. */
const codes: Readonly<Record<string, ErrorCode>> = {
  BLOB_UNKNOWN: 'not-found',
  BLOB_UPLOAD_UNKNOWN: 'not-found',
  DENIED: 'forbidden',
  MANIFEST_UNKNOWN: 'not-found',
  NAME_UNKNOWN: 'not-found',
  TOOMANYREQUESTS: 'rate-limited',
  UNAUTHORIZED: 'unauthenticated',
  UNAVAILABLE: 'unavailable',
  UNSUPPORTED: 'unsupported',
}

const statuses: Readonly<Record<number, ErrorCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'unsupported',
  408: 'unavailable',
  413: 'too-large',
  429: 'rate-limited',
}

const codeOfStatus = (status: number): ErrorCode => statuses[status] ?? (status >= 500 ? 'unavailable' : 'invalid')

const longestErrorBody = 64 * 1024
const longestMessage = 1000

/** Reads at most `limit` bytes, and throws too-large when there are more. */
export const readAtMost = async (body: Readable, limit: number, what: string): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limit) throw new SlipwayError('too-large', `${what} is larger than ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

interface RegistryFault {
  readonly code: string
  readonly message: string
}

/** Text from outside goes into terminals and logs: one line, no control characters, not too long. */
const clean = (text: unknown): string =>
  typeof text === 'string' ? text.replace(/[\x00-\x1f\x7f]+/g, ' ').slice(0, longestMessage) : ''

const parseFault = (body: string): RegistryFault | undefined => {
  try {
    const parsed = JSON.parse(body) as { errors?: unknown; details?: unknown; message?: unknown }
    const first = Array.isArray(parsed.errors) ? (parsed.errors[0] as Record<string, unknown> | undefined) : undefined
    if (first !== undefined) return { code: clean(first['code']) || 'UNKNOWN', message: clean(first['message']) }
    const message = clean(parsed.details) || clean(parsed.message)
    return message === '' ? undefined : { code: 'UNKNOWN', message }
  } catch {
    return undefined
  }
}

/** `denied: requested access to the resource is denied`, as docker words an error of a registry. */
const wording = ({ code, message }: RegistryFault): string =>
  code === 'UNKNOWN' && message !== '' ? message : `${code.toLowerCase().replaceAll('_', ' ')}: ${message}`

/** A token that does not reach so far is a denial (RFC 6750, section 3.1), in the challenge's words, whatever the body says. */
const insufficientScope = (response: Response): RegistryFault | undefined => {
  const challenges = parseChallenges(response.headers['www-authenticate'])
  const found = challenges.find(({ parameters }) => parameters['error'] === 'insufficient_scope')
  if (found === undefined) return undefined
  const told = clean(found.parameters['error_description'])
  return { code: 'DENIED', message: told || 'requested access to the resource is denied' }
}

const fallbackFault = (status: number): RegistryFault | undefined => {
  if (status === 401) return { code: 'UNAUTHORIZED', message: 'authentication required' }
  if (status === 403) return { code: 'DENIED', message: 'requested access to the resource is denied' }
  if (status === 429) return { code: 'TOOMANYREQUESTS', message: 'too many requests' }
  return undefined
}

const wrongPassword = 'unauthorized: incorrect username or password'

/**
 * A secret was refused. As docker does, in the server's own words where it has some (a second factor, an account that is
 * disabled): they say what to do.
 */
export const secretRefused = (fault: SlipwayError): SlipwayError => {
  const { message, detail } = fault
  const saysWhy =
    detail['registryCode'] === 'UNAUTHORIZED' && !/: (?:authentication required|unauthorized)?$/i.test(message)
  return new SlipwayError('unauthenticated', saysWhy ? message : wrongPassword, { cause: fault, detail })
}

/** Turns an answer that is an error into what is thrown. Reads the body; `detail` has status, registryCode, retryAfter. */
export const faultOf = async (response: Response): Promise<SlipwayError> => {
  const { status } = response
  const body = await readAtMost(response.body, longestErrorBody, 'the error of the registry').catch(() =>
    Buffer.alloc(0),
  )
  const denied = status === 401 ? insufficientScope(response) : undefined
  const fault = denied ?? parseFault(body.toString('utf8')) ?? fallbackFault(status)
  const message =
    fault === undefined
      ? `received unexpected HTTP status: ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
      : wording(fault)
  // A 5xx is worth another try whatever its body says.
  const code = (status < 500 ? codes[fault?.code ?? ''] : undefined) ?? codeOfStatus(status)
  const retryAfter = parseRetryAfter(headerOf(response, 'retry-after'))
  return new SlipwayError(code, message, {
    detail: {
      status,
      ...(fault === undefined ? {} : { registryCode: fault.code }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    },
  })
}
