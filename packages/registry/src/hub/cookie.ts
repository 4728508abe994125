import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { ociError } from '../distribution/oci-error.ts'

const name = 'slipway_hub'

/** The cookie's value; undefined where there is none. */
export const sessionSecretOf = ({ headers }: IncomingMessage): string | undefined => {
  for (const part of (headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2)
    if (key === name && value) return value
  }
  return undefined
}

/** Ours, or that of a proxy in front of us. */
const isEncrypted = ({ socket, headers }: IncomingMessage): boolean =>
  (socket as Partial<TLSSocket>).encrypted === true || headers['x-forwarded-proto'] === 'https'

/** Seen by no script, sent to no other site, and over TLS only where there is TLS. '' takes it away. */
export const sessionCookie = (request: IncomingMessage, value: string): Record<string, string> => {
  const end = value === '' ? '; Max-Age=0' : ''
  const secure = isEncrypted(request) ? '; Secure' : ''
  return { 'Set-Cookie': `${name}=${value}; Path=/; HttpOnly; SameSite=Strict${secure}${end}` }
}

/**
 * A request that comes with a cookie was perhaps made by a page of another site (CSRF). Browsers say whose page it was: with
 * Origin for all that changes something, with Sec-Fetch-Site for everything. Throws DENIED.
 */
export const checkOrigin = ({ headers }: IncomingMessage): void => {
  const { origin, host, 'sec-fetch-site': site = 'none' } = headers
  const isOurs =
    origin === undefined ? site === 'same-origin' || site === 'none' : origin.replace(/^https?:\/\//, '') === host
  if (!isOurs) throw ociError('DENIED', { message: 'this request comes from a page of another address' })
}
