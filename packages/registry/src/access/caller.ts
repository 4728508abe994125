import { type Action, hasCode, type Identity } from '@slipway/core'
import { type ApiRequest, checkOwnPage } from '@slipway/http'
import { isAccessTokenLive } from '../accounts/access-tokens.ts'
import { identityOf, type LoggedIn } from '../accounts/check-password.ts'
import { findActiveAccount } from '../accounts/records.ts'
import { addressOf } from '../address.ts'
import { noteFailedLogin } from '../audit/note.ts'
import { ociError } from '../distribution/oci-error.ts'
import { sessionSecretOf } from '../hub/cookie.ts'
import { accountOfSession } from '../hub/sessions.ts'
import type { Registry } from '../registry.ts'
import type { Access } from '../tokens/scope.ts'
import { readToken } from '../tokens/token.ts'
import { dueMessages, dueOf, isOpenBefore, whyNoPassword } from './due.ts'
import { type Grant, isWithin } from './pattern.ts'

/** Who sent a request, and with a token: what it was issued for. */
export interface Caller {
  readonly identity: Identity
  readonly access?: readonly Access[]
  /** An access token came in place of the password. */
  readonly byAccessToken?: boolean
  /** What that one may at most. */
  readonly limits?: readonly Grant[] | undefined
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

/** Throws unauthenticated, or rate-limited. */
export const checkLogin = async (
  request: Pick<ApiRequest, 'raw'>,
  registry: Registry,
  login: { readonly user: string; readonly password: string },
): Promise<LoggedIn> => {
  try {
    return await registry.checkPassword({ ...login, address: addressOf(request.raw, registry.settings.behindProxy) })
  } catch (error) {
    if (hasCode(error, 'unauthenticated')) noteFailedLogin(registry, request, login.user)
    throw error
  }
}

/**
 * The same for who isn't a page: where more than the password is asked for, a program has nobody to ask. Throws unauthenticated,
 * or rate-limited.
 */
export const checkClientLogin = async (
  request: ApiRequest,
  registry: Registry,
  login: { readonly user: string; readonly password: string },
): Promise<LoggedIn> => {
  const found = await checkLogin(request, registry, login)
  const message = found.token === undefined ? whyNoPassword(found.account, registry) : undefined
  if (message !== undefined) throw ociError('UNAUTHORIZED', { message })
  return found
}

const fromToken = async (text: string, { tokenKey, signIn, database: { sql } }: Registry): Promise<Caller> => {
  const { subject, access, madeWith } = await readToken(tokenKey, text)
  if (subject === '') return { identity: anonymous, access }
  // It outlives by minutes the account, and the access token, that it was made for: ask again.
  const account = await findActiveAccount(sql, subject)
  const isOver = madeWith !== undefined && !(await isAccessTokenLive(sql, madeWith))
  if (account === undefined || isOver) throw ociError('UNAUTHORIZED')
  const why = await signIn.standing(account)
  if (why !== undefined) throw ociError('UNAUTHORIZED', { message: why })
  return { identity: identityOf(account), access }
}

/** A browser that has signed in: for our own API alone, since no client of the distribution protocol has cookies. */
const fromSession = async ({ raw, path }: ApiRequest, registry: Registry): Promise<Caller> => {
  const { sql } = registry.database
  const secret = path.startsWith('/api/v1/') ? sessionSecretOf(raw) : undefined
  const name = secret === undefined ? undefined : await accountOfSession(sql, secret)
  const account = name === undefined ? undefined : await findActiveAccount(sql, name)
  if (account === undefined || (await registry.signIn.standing(account)) !== undefined) return { identity: anonymous }
  const due = dueOf(account, registry)
  if (due !== undefined && !isOpenBefore(due, path)) throw ociError('DENIED', { message: dueMessages[due] })
  if (raw.method !== 'GET' && raw.method !== 'HEAD') checkOwnPage(raw)
  return { identity: identityOf(account) }
}

/** Throws unauthenticated on credentials that are wrong; none at all is anonymous. */
export const identifyCaller = async (request: ApiRequest, registry: Registry): Promise<Caller> => {
  const header = request.raw.headers.authorization
  if (header === undefined || header === '') return fromSession(request, registry)
  const token = /^bearer +(\S+) *$/i.exec(header)?.[1]
  if (token !== undefined) return fromToken(token, registry)
  const login = parseBasic(header)
  if (login === undefined) throw ociError('UNAUTHORIZED', { message: 'unknown kind of credentials' })
  const { identity, token: used } = await checkClientLogin(request, registry, login)
  return used === undefined ? { identity } : { identity, byAccessToken: true, limits: used.limits }
}

const grants = (access: readonly Access[], action: Action, repository: string): boolean =>
  access.some(
    ({ type, name, actions }) =>
      type === 'repository' && name === repository && (actions.includes(action) || actions.includes('*')),
  )

/** A token speaks for its account only where it was issued for it; elsewhere its bearer is a stranger. */
export const callerMay = (registry: Registry, caller: Caller, action: Action, repository: string): Promise<boolean> => {
  const { access, limits } = caller
  const stranger =
    (access !== undefined && !grants(access, action, repository)) ||
    (limits !== undefined && !isWithin(limits, action, repository))
  return registry.authorizer.allows(stranger ? anonymous : caller.identity, action, {
    kind: 'repository',
    name: repository,
  })
}

/** Whether the caller may do it to the registry itself. A token speaks for repositories only. */
export const callerMayEverywhere = (registry: Registry, caller: Caller, action: Action): Promise<boolean> => {
  const isLimited = caller.access !== undefined || caller.limits !== undefined
  const who = isLimited ? anonymous : caller.identity
  return registry.authorizer.allows(who, action, { kind: 'system', name: 'registry' })
}
