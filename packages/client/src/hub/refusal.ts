import { SlipwayError } from '@slipway/core'
import { codeOfStatus } from '../connection/status.ts'
import type { Refusal } from '../wire/hub/index.ts'

const refusalIn = (body: string): Partial<Refusal['errors'][number]> => {
  try {
    return (JSON.parse(body) as Partial<Refusal>).errors?.[0] ?? {}
  } catch {
    return {}
  }
}

/** The hub's answer as an error: its words, the code of its status, and in `detail` the status and the hub's own detail. */
export const errorFromHub = (status: number, body: string): SlipwayError => {
  const { message = `the hub answered with status ${status}`, detail } = refusalIn(body)
  return new SlipwayError(codeOfStatus(status), message, { detail: { hubStatus: status, hubDetail: detail } })
}

/** True when a sign-in was right so far, and wants a code of the second factor as well. */
export const asksForSecondFactor = (error: unknown): boolean =>
  isFromHub(error) && Object(error.detail['hubDetail']).secondFactor === true

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
