import { messageOf } from './errors.ts'

/** Why a connection couldn't be made, by errno or undici's code. */
const dialFailures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
  UND_ERR_CONNECT_TIMEOUT: 'i/o timeout',
}

/** The error node gives when a name has several addresses and all fail hides the errno in a list; fetch hides it in a cause. */
export const errnoOf = (error: unknown): string => {
  const { code, errors, cause } = error as { code?: string; errors?: readonly unknown[]; cause?: unknown }
  if (typeof code === 'string') return code
  const inner = errors?.[0] ?? cause
  return inner === undefined ? '' : errnoOf(inner)
}

/** The other side was never reached. */
export const isDialFailure = (errno: string): boolean => Object.hasOwn(dialFailures, errno)

/** What went wrong on the wire, in the words of Go's net package, which docker shows. */
export const wireWords = (error: unknown, url: URL): string => {
  const errno = errnoOf(error)
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1')
  if (errno === 'ENOTFOUND') return `dial tcp: lookup ${name}: no such host`
  if (errno === 'EAI_AGAIN') return `dial tcp: lookup ${name}: Temporary failure in name resolution`
  if (isDialFailure(errno)) {
    const port = url.port || (url.protocol === 'https:' ? 443 : 80)
    return `dial tcp ${url.hostname}:${port}: ${dialFailures[errno]}`
  }
  if (errno === 'ERR_SSL_WRONG_VERSION_NUMBER' || errno === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return 'http: server gave HTTP response to HTTPS client'
  }
  if (errno === 'UND_ERR_SOCKET' || errno === 'ECONNRESET' || errno === 'EPIPE') return 'unexpected EOF'
  return messageOf(error)
}
