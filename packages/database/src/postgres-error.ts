import { hasCode, SlipwayError } from '@slipway/core'

/** An error's SQLSTATE (PostgreSQL, appendix A), when the server sent it. */
const stateOf = (error: unknown): string | undefined => {
  const { code, severity } = Object(error) as { code?: unknown; severity?: unknown }
  return typeof severity === 'string' && typeof code === 'string' ? code : undefined
}

/** Two transactions waited for one another, and this one was chosen to give way; or it saw what was changed meanwhile. */
export const isCollision = (error: unknown): boolean => ['40001', '40P01'].includes(stateOf(error) ?? '')

/**
 * Classes of what isn't the statement's fault: connection exception, insufficient resources, operator intervention, system
 * error; and 25: a transaction that was ended because nothing came for too long.
 */
const notOurFault = ['08', '53', '57', '58', '25P03']

const retryAfterSeconds = 5

/** `error` in our words, when the server can't be reached or can't do its work now; else as it is. */
export const asUnavailable = (error: unknown): unknown => {
  const state = stateOf(error)
  if (state !== undefined && !notOurFault.some((prefix) => state.startsWith(prefix))) return error
  const message = state?.startsWith('53') ? 'the database is out of resources' : 'the database does not answer'
  return new SlipwayError('unavailable', message, { cause: error, detail: { retryAfterSeconds } })
}

/** Whether the connection is of no use any more: what the server didn't say itself came from the wire. */
export const isConnectionLost = (error: unknown): boolean =>
  hasCode(error, 'unavailable') && !['53', '58'].includes(stateOf(error.cause)?.slice(0, 2) ?? '')
