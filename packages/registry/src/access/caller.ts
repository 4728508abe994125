import type { Action, Identity } from '@slipway/core'
import type { ApiRequest } from '@slipway/http'
import { findAccount } from '../accounts/records.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import type { Access } from '../tokens/scope.ts'
import { readToken } from '../tokens/token.ts'

/** Who sent a request, and with a token: what it was issued for. */
export interface Caller {
  readonly identity: Identity
  readonly access?: readonly Access[]
}

export const anonymous: Identity = { kind: 'anonymous', name: '', groups: [] }

/** The account's name, for the records; null for nobody. */
export const accountOf = ({ identity }: Caller): string | null => (identity.kind === 'anonymous' ? null : identity.name)

/** Reads `Basic` credentials (RFC 7617); undefined when they are not in that form. */
export const parseBasic = (header: string): { user: string; password: string } | undefined => {
  const encoded = /^basic +([a-z0-9+/=_-]+) *$/i.exec(header)?.[1]
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

const addressOf = (request: ApiRequest): string => request.raw.socket.remoteAddress ?? 'local'

export const checkLogin = (
  request: ApiRequest,
  registry: Registry,
  login: { readonly user: string; readonly password: string },
): Promise<Identity> => registry.checkPassword({ ...login, address: addressOf(request) })

const fromToken = async (token: string, registry: Registry): Promise<Caller> => {
  const { subject, access } = await readToken(registry.tokenKey, token)
  if (subject === '') return { identity: anonymous, access }
  // A token outlives the account it was made for by minutes: ask again.
  if ((await findAccount(registry.database.sql, subject)) === undefined) throw ociError('UNAUTHORIZED')
  return { identity: { kind: 'user', name: subject, groups: [] }, access }
}

/** Throws unauthenticated on credentials that are wrong; none at all is anonymous. */
export const identifyCaller = async (request: ApiRequest, registry: Registry): Promise<Caller> => {
  const header = request.raw.headers.authorization
  if (header === undefined || header === '') return { identity: anonymous }
  const token = /^bearer +(\S+) *$/i.exec(header)?.[1]
  if (token !== undefined) return fromToken(token, registry)
  const login = parseBasic(header)
  if (login === undefined) throw ociError('UNAUTHORIZED', { message: 'unknown kind of credentials' })
  return { identity: await checkLogin(request, registry, login) }
}

const grants = (access: readonly Access[], action: Action, repository: string): boolean =>
  access.some(
    ({ type, name, actions }) =>
      type === 'repository' && name === repository && (actions.includes(action) || actions.includes('*')),
  )

/** A token speaks for its account only where it was issued for it; elsewhere its bearer is a stranger. */
export const callerMay = (registry: Registry, caller: Caller, action: Action, repository: string): Promise<boolean> => {
  const stranger = caller.access !== undefined && !grants(caller.access, action, repository)
  return registry.authorizer.allows(stranger ? anonymous : caller.identity, action, {
    kind: 'repository',
    name: repository,
  })
}
