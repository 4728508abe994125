import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

/** One request, taken apart. */
export interface ApiRequest {
  readonly raw: IncomingMessage
  /** The decoded parts of the path that `{…}` stood for. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** The path that was matched, without prefix and query. */
  readonly path: string
  /** `1.47` from `/v1.47/…`; undefined where the path named none. */
  readonly version: string | undefined
  /** Aborted when the client goes away before the answer is complete. */
  readonly signal: AbortSignal
  /** Set when the client asked to leave HTTP (`Upgrade:`) and the route allows it; see `hijack()`. */
  readonly upgraded?: Upgraded
}

/** A connection that Node has handed over, with the bytes that came behind the request's head. */
export interface Upgraded {
  readonly socket: Duplex
  readonly head: Buffer
}

/**
 * One line of a route table. `path` may hold `{id}` (one segment) and `{name...}` (one or more: repository names have
 * slashes). HEAD falls back to the GET route of the same path.
 */
export interface Route<Deps> {
  readonly method: Method
  readonly path: string
  /** The Docker API version it came in, for readers: dockerd, too, serves it to older clients. */
  readonly since?: `${number}.${number}`
  /** The client may turn the connection into something else (attach, exec, BuildKit). */
  readonly hijack?: true
  readonly handle: (request: ApiRequest, response: ServerResponse, deps: Deps) => Promise<void>
}

export interface Match<Deps> {
  readonly route: Route<Deps>
  readonly params: Readonly<Record<string, string>>
}

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** `/v2/{name...}/blobs/{digest}` → /^\/v2\/(?<name>.+)\/blobs\/(?<digest>[^/]+)$/ */
const compile = (path: string): RegExp => {
  const parts = path.split(/(\{\w+(?:\.\.\.)?\})/).map((part) => {
    const parameter = /^\{(\w+)(\.\.\.)?\}$/.exec(part)
    return parameter ? `(?<${parameter[1]}>${parameter[2] ? '.+' : '[^/]+'})` : escapePattern(part)
  })
  return new RegExp(`^${parts.join('')}$`)
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export type Matcher<Deps> = (method: string, path: string) => Match<Deps> | 'wrong-method' | undefined

/** Turns a route table into a function that finds the route of a request. The first line that fits wins. */
export const createMatcher = <Deps>(routes: readonly Route<Deps>[]): Matcher<Deps> => {
  const compiled = routes.map((route) => ({ route, pattern: compile(route.path) }))
  return (method, path) => {
    let pathIsKnown = false
    let getForHead: Match<Deps> | undefined
    for (const { route, pattern } of compiled) {
      const found = pattern.exec(path)
      if (found === null) continue
      pathIsKnown = true
      const params = Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, text]) => [name, decode(text)]))
      if (route.method === method) return { route, params }
      if (method === 'HEAD' && route.method === 'GET') getForHead ??= { route, params }
    }
    return getForHead ?? (pathIsKnown ? 'wrong-method' : undefined)
  }
}
