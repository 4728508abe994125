import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const ids = new WeakMap<IncomingMessage, string>()
const acceptable = /^[\w.-]{8,64}$/

/** The name under which a request is found in log, audit and traces; a proxy's own (`X-Request-Id`), where it gave one. */
export const requestIdOf = (request: IncomingMessage): string => {
  const known = ids.get(request)
  if (known !== undefined) return known
  const given = request.headers['x-request-id']
  const id = typeof given === 'string' && acceptable.test(given) ? given : randomUUID()
  ids.set(request, id)
  return id
}
