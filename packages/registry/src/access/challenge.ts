import type { ServerResponse } from 'node:http'
import { type Action, hasCode, type SlipwayError } from '@slipway/core'
import type { ApiRequest } from '@slipway/http'
import { ociError } from '../distribution/oci-error.ts'
import { projectOf } from '../projects/name.ts'
import type { Registry } from '../registry.ts'
import { service } from '../tokens/token.ts'
import { type Caller, callerMay, identifyCaller } from './caller.ts'

const hostPattern = /^(?:[a-z0-9.-]+|\[[a-f0-9:]+\])(?::\d{1,5})?$/i

/** The address the client used, as it knows it; behind a proxy that ends TLS, with the scheme the proxy tells. */
export const originOf = (request: Pick<ApiRequest, 'raw'>): string => {
  const host = request.raw.headers.host ?? ''
  if (!hostPattern.test(host)) throw ociError('REQUEST_INVALID', { message: 'invalid Host header' })
  const encrypted = 'encrypted' in request.raw.socket || request.raw.headers['x-forwarded-proto'] === 'https'
  const scheme = encrypted ? 'https' : 'http'
  return `${scheme}://${host}`
}

/** Pushing clients want to read as well, and ask once for both. */
const scopeActions: Readonly<Record<Action, string>> = {
  pull: 'pull',
  push: 'pull,push',
  delete: 'delete',
  manage: '*',
}

export interface Wanted {
  readonly action: Action
  readonly repository: string
}

/** Tells the client where to get a token and for what (distribution's token specification; RFC 6750, section 3). */
export const setChallenge = (
  request: Pick<ApiRequest, 'raw'>,
  response: ServerResponse,
  options: {
    readonly wanted?: Wanted | undefined
    /** Instead of `wanted`, for what is no repository. */
    readonly scope?: string
    readonly error?: 'invalid_token' | 'insufficient_scope'
    /** The error in words, which docker shows. */
    readonly description?: string
  } = {},
): void => {
  const { wanted, scope, error, description } = options
  const parts = [`realm="${originOf(request)}/token"`, `service="${service}"`]
  if (wanted) parts.push(`scope="repository:${wanted.repository}:${scopeActions[wanted.action]}"`)
  if (scope) parts.push(`scope="${scope}"`)
  if (error) parts.push(`error="${error}"`)
  if (description) parts.push(`error_description="${description}"`)
  response.setHeader('WWW-Authenticate', `Bearer ${parts.join(',')}`)
}

/** Who it is; wrong credentials are answered with a challenge. */
export const authenticate = async (
  request: ApiRequest,
  response: ServerResponse,
  registry: Registry,
  wanted?: Wanted,
): Promise<Caller> => {
  try {
    return await identifyCaller(request, registry)
  } catch (error) {
    if (hasCode(error, 'unauthenticated')) setChallenge(request, response, { wanted, error: 'invalid_token' })
    throw error
  }
}

/** Docker's words, and where to look: the same whether what is asked for is there or not. */
const deniedTo = ({ action, repository }: Wanted, { identity }: Caller): string => {
  const project = projectOf(repository)
  const place = project === '' ? repository : `project ${project}`
  const stranger = identity.kind === 'anonymous' ? '; you are not logged in' : ''
  return `requested access to the resource is denied: ${place} isn't there, or you may not ${action} there${stranger}`
}

/**
 * The refusal. Without credentials: come back with some (401). With a token that doesn't reach so far: 401 too, for a
 * token with a wider scope may help, in the words docker shows. With a password: 403, nothing will help.
 */
const refuse = (request: ApiRequest, response: ServerResponse, caller: Caller, wanted: Wanted): SlipwayError => {
  const detail = { name: wanted.repository, action: wanted.action }
  const message = deniedTo(wanted, caller)
  if (caller.access === undefined && caller.identity.kind !== 'anonymous')
    return ociError('DENIED', { detail, message })
  if (caller.access === undefined) {
    setChallenge(request, response, { wanted })
    return ociError('UNAUTHORIZED', { detail })
  }
  setChallenge(request, response, { wanted, error: 'insufficient_scope', description: message })
  return ociError('DENIED', { detail, message, status: 401 })
}

/** The caller, who may do it. Throws what the client is to be told otherwise. */
export const authorize = async (
  request: ApiRequest,
  response: ServerResponse,
  registry: Registry,
  wanted: Wanted,
): Promise<Caller> => {
  const caller = await authenticate(request, response, registry, wanted)
  if (await callerMay(registry, caller, wanted.action, wanted.repository)) return caller
  throw refuse(request, response, caller, wanted)
}
