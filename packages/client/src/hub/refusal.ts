import { SlipwayError } from '@slipway/core'
import { codeOfStatus } from '../connection/status.ts'
import type { Refusal } from '../wire/hub/index.ts'

const messageIn = (body: string): string | undefined => {
  try {
    return (JSON.parse(body) as Partial<Refusal>).errors?.[0]?.message
  } catch {
    return undefined
  }
}

/** The hub's answer as an error: its words, the code of its status, and the status in `detail`, as the hub's. */
export const errorFromHub = (status: number, body: string): SlipwayError => {
  const message = messageIn(body) ?? `the hub answered with status ${status}`
  return new SlipwayError(codeOfStatus(status), message, { detail: { hubStatus: status } })
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody answers there',
  ENOTFOUND: 'no such host',
  EPROTO: 'it does not speak TLS: write http:// before its name',
  HPE_INVALID_CONSTANT: 'it does not speak HTTP: write https:// before its name',
}

/** What a failed connection says to a person. */
export const hubUnreachable = (url: string, error: unknown): SlipwayError => {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'ABORT_ERR') return new SlipwayError('cancelled', 'context canceled', { cause: error })
  return new SlipwayError('unavailable', `cannot connect to the hub at ${url}: ${reasons[code] ?? message}`, {
    cause: error,
  })
}

/** True when the hub said so itself; false when it wasn't reached. */
export const isFromHub = (error: unknown): error is SlipwayError =>
  error instanceof Error && typeof (error as Partial<SlipwayError>).detail?.['hubStatus'] === 'number'
