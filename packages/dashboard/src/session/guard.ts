import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { SlipwayError } from '@slipway/core'
import { cookieOf } from '@slipway/http'
import type { Sessions } from './sessions.ts'

export const cookieName = 'slipway_dashboard'

/** The secret that a browser shows; undefined where there is none. */
export const sessionSecretOf = (request: IncomingMessage): string | undefined => cookieOf(request, cookieName)

/** `127.0.0.1` of `127.0.0.1:5080`, `::1` of `[::1]:5080`. */
const hostnameOf = (host: string): string => host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')

/**
 * A page of another name that resolves to our address (DNS rebinding) must not talk to us: we answer to addresses, to
 * localhost, and to the names that we were told.
 */
export const checkHost = ({ headers }: IncomingMessage, names: readonly string[]): void => {
  const name = hostnameOf(headers.host ?? '').toLowerCase()
  if (isIP(name) !== 0 || name === 'localhost' || names.includes(name)) return
  throw new SlipwayError('forbidden', `this dashboard doesn't answer to the name ${JSON.stringify(name.slice(0, 80))}`)
}

/** Throws unauthenticated. */
export const checkSession = (request: IncomingMessage, sessions: Sessions): void => {
  if (!sessions.has(sessionSecretOf(request))) {
    throw new SlipwayError('unauthenticated', 'sign in: open the link that "slipway up" has printed')
  }
}
