import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'

/**
 * Where a request came from. Behind a proxy that we were told of: the last address of `X-Forwarded-For`, which is the one that
 * the proxy saw; what stands before it anyone could have written.
 */
export const addressOf = (request: IncomingMessage, behindProxy: boolean): string => {
  const seen = request.socket.remoteAddress ?? 'local'
  if (!behindProxy) return seen
  const told = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .at(-1)
    ?.trim()
  return told !== undefined && isIP(told) !== 0 ? told : seen
}
