import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { SlipwayError } from '@slipway/core'
import type { Sessions } from './sessions.ts'

export const cookieName = 'slipway_dashboard'

/** The cookie's value; undefined where there is none. */
export const sessionSecretOf = ({ headers }: IncomingMessage): string | undefined => {
  for (const part of (headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2)
    if (name === cookieName) return value
  }
  return undefined
}

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

/** `none`: the person's own doing, an address typed or a bookmark. */
const sameSites: ReadonlySet<string> = new Set(['same-origin', 'none'])

/** What a page of another origin sends, a form or a WebSocket, is refused (CSRF); programs without a browser send no Origin. */
export const checkOrigin = ({ headers }: IncomingMessage): void => {
  const { origin, host, 'sec-fetch-site': site = 'none' } = headers
  if (
    origin === undefined ? sameSites.has(String(site)) : origin === `http://${host}` || origin === `https://${host}`
  ) {
    return
  }
  throw new SlipwayError('forbidden', 'this request comes from a page of another address')
}

/** Throws unauthenticated. */
export const checkSession = (request: IncomingMessage, sessions: Sessions): void => {
  if (!sessions.has(sessionSecretOf(request))) {
    throw new SlipwayError('unauthenticated', 'sign in: open the link that "slipway up" has printed')
  }
}
