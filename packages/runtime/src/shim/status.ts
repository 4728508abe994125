import { type ErrorCode, SlipwayError } from '@slipway/core'
import type { Status } from './messages.ts'

/** gRPC's status codes, as our own. */
const codes: Readonly<Record<number, ErrorCode>> = {
  1: 'cancelled',
  3: 'invalid',
  4: 'unavailable',
  5: 'not-found',
  6: 'already-exists',
  7: 'forbidden',
  8: 'rate-limited',
  9: 'conflict',
  10: 'conflict',
  11: 'invalid',
  12: 'unsupported',
  14: 'unavailable',
  16: 'unauthenticated',
}

/** The shim has no code for an exec that it has forgotten already. */
const unknownProcess = /^process does not exist /

const codeOf = ({ code, message }: Status): ErrorCode =>
  unknownProcess.test(message) ? 'not-found' : (codes[code] ?? 'internal')

/** What the shim answered, as an error. It ends its messages with its own word for the code, which says nothing more. */
export const shimError = ({ code, message }: Status, call: string): SlipwayError =>
  new SlipwayError(
    codeOf({ code, message }),
    message.replace(/: (?:unknown|not found|already exists)$/, '').trimEnd(),
    {
      detail: { call, status: code },
    },
  )
