import type { IncomingMessage } from 'node:http'
import { cookieOf, isEncrypted } from '@slipway/http'
import type { Seal } from '../seal.ts'
import type { Departure } from './provider.ts'

/** A browser that is away at the provider. */
export interface Away extends Departure {
  /** Who wants the identity linked to an account that there is; null: to sign in. */
  readonly account: string | null
}

const name = 'slipway_away'
const purpose = 'sign-in elsewhere'
const lifeSeconds = 10 * 60

/**
 * The header that gives a browser what it has to bring back; undefined takes it away. Lax, and not Strict: it comes back by a
 * link of the provider's.
 */
export const departureCookie = (request: IncomingMessage, seal: Seal, away: Away | undefined): string => {
  const until = Date.now() + lifeSeconds * 1000
  const value = away === undefined ? '' : seal.close(purpose, Buffer.from(JSON.stringify({ ...away, until })))
  const secure = isEncrypted(request) ? '; Secure' : ''
  const age = away === undefined ? 0 : lifeSeconds
  return `${name}=${value}; Path=/sign-in/oidc; HttpOnly; SameSite=Lax; Max-Age=${age}${secure}`
}

/** What the browser brought back; undefined: nothing, or too late. */
export const departureIn = (request: IncomingMessage, seal: Seal): Away | undefined => {
  const opened = seal.open(purpose, cookieOf(request, name) ?? '')
  if (opened === undefined) return undefined
  const { until, ...away } = JSON.parse(opened.toString('utf8')) as Away & { readonly until: number }
  return until > Date.now() ? away : undefined
}
