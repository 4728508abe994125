import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { SlipwayError } from '@slipway/core'

/** The value of a cookie; undefined where there is none. */
export const cookieOf = ({ headers }: IncomingMessage, name: string): string | undefined => {
  for (const part of (headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name && value) return value
  }
  return undefined
}

/** Ours, or that of a proxy in front of us. */
export const isEncrypted = ({ socket, headers }: IncomingMessage): boolean =>
  (socket as Partial<TLSSocket>).encrypted === true || headers['x-forwarded-proto'] === 'https'

/** A cookie that no script sees, that goes to no other site, and over TLS only where there is TLS. '' takes it away. */
export const sessionCookie = (request: IncomingMessage, name: string, value: string): Record<string, string> => {
  const end = value === '' ? '; Max-Age=0' : ''
  const secure = isEncrypted(request) ? '; Secure' : ''
  return { 'Set-Cookie': `${name}=${value}; Path=/; HttpOnly; SameSite=Strict${secure}${end}` }
}

/** `none`: the person's own doing, an address typed or a bookmark. */
const ownSites: ReadonlySet<string> = new Set(['same-origin', 'none'])

/**
 * A request that comes with a cookie was perhaps made by a page of another site (CSRF). Browsers say whose page it was, with
 * Origin for all that changes something, with Sec-Fetch-Site for everything; programs say neither. Throws forbidden.
 */
export const checkOwnPage = ({ headers }: IncomingMessage): void => {
  const { origin, host, 'sec-fetch-site': site = 'none' } = headers
  const isOurs = origin === undefined ? ownSites.has(String(site)) : origin.replace(/^https?:\/\//, '') === host
  if (!isOurs) throw new SlipwayError('forbidden', 'this request comes from a page of another address')
}
