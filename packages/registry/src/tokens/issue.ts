import type { ServerResponse } from 'node:http'
import type { Action } from '@slipway/core'
import { type ApiRequest, readBody, sendJson } from '@slipway/http'
import { anonymous, type Caller, callerMay, checkClientLogin, parseBasic } from '../access/caller.ts'
import { makeAccessToken } from '../accounts/access-tokens.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { logInAgain } from './refresh.ts'
import { type Access, formatScope, parseScopes } from './scope.ts'
import { signToken, tokenLifeSeconds } from './token.ts'

const formLimit = 16 << 10

const repositoryActions: readonly Action[] = ['pull', 'push', 'delete']
const refreshLifeMs = 30 * 24 * 60 * 60 * 1000

/** Who asks for a token, and the access token they showed instead of a password. */
export interface Bearer extends Pick<Caller, 'identity' | 'limits'> {
  readonly madeWith?: string | undefined
}

/** What of `wanted` this one may have; granting less than was asked for is no error. */
const narrow = async (registry: Registry, who: Bearer, wanted: Access): Promise<Access> => {
  const isCatalog = wanted.type === 'registry' && wanted.name === 'catalog'
  // It shows everyone what they may read; of a limited token's account it would show more.
  if (isCatalog) return { ...wanted, actions: who.limits === undefined ? ['*'] : [] }
  if (wanted.type !== 'repository') return { ...wanted, actions: [] }
  const asked = wanted.actions.includes('*') ? repositoryActions : wanted.actions
  const actions: string[] = []
  for (const action of repositoryActions.filter((one) => asked.includes(one))) {
    if (await callerMay(registry, who, action, wanted.name)) actions.push(action)
  }
  return { ...wanted, actions }
}

interface Wish {
  readonly who: Bearer
  readonly scopes: readonly string[]
  readonly tellScope: boolean
  /** The client wants to come again without a password; for whom it says it is. */
  readonly client?: string | undefined
}

/** A secret to come again with, where the registry gives any. Who showed an access token has one already. */
const refreshTokenFor = async ({ database, settings }: Registry, wish: Wish): Promise<string | undefined> => {
  const { who, client } = wish
  if (client === undefined || !settings.identityTokens) return undefined
  if (who.identity.kind === 'anonymous' || who.madeWith !== undefined) return undefined
  const expiresAt = new Date(Date.now() + refreshLifeMs)
  const name = client.slice(0, 100) || 'client'
  const made = await makeAccessToken(database.sql, { account: who.identity.name, kind: 'refresh', name, expiresAt })
  return made.text
}

const issue = async (response: ServerResponse, registry: Registry, wish: Wish): Promise<void> => {
  const { who } = wish
  const now = new Date()
  const narrowed = await Promise.all(parseScopes(wish.scopes).map((wanted) => narrow(registry, who, wanted)))
  const access = narrowed.filter(({ actions }) => actions.length > 0)
  const claims = { subject: who.identity.name, access, madeWith: who.madeWith }
  const token = await signToken(registry.tokenKey, claims, now)
  const scope = wish.tellScope ? { scope: access.map(formatScope).join(' ') } : {}
  const refresh = await refreshTokenFor(registry, wish)
  sendJson(
    response,
    200,
    // Both names: docker's specification says `token`, OAuth2 says `access_token`, and clients read either.
    {
      token,
      access_token: token,
      expires_in: tokenLifeSeconds,
      issued_at: now.toISOString(),
      ...scope,
      ...(refresh === undefined ? {} : { refresh_token: refresh }),
    },
    { 'Cache-Control': 'no-store' },
  )
}

const logIn = async (request: ApiRequest, registry: Registry, login: { user: string; password: string }) => {
  const { identity, token } = await checkClientLogin(request, registry, login)
  return { identity, ...(token ? { limits: token.limits, madeWith: token.id } : {}) }
}

/**
 * `GET /token?service=…&scope=…`, with Basic credentials or none. `offline_token=true` gets a refresh token only where the
 * settings say so: docker would store it instead of the password, and podman then refuses to log in.
 */
export const getToken = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const { query } = request
  const header = request.raw.headers.authorization
  const login = header === undefined ? undefined : parseBasic(header)
  if (header !== undefined && login === undefined) throw ociError('UNAUTHORIZED')
  const who = login ? await logIn(request, registry, login) : { identity: anonymous }
  const client = query.get('offline_token') === 'true' ? (query.get('client_id') ?? '') : undefined
  await issue(response, registry, { who, scopes: query.getAll('scope'), tellScope: false, client })
}

const readForm = (request: ApiRequest, { settings }: Registry): Promise<Buffer> =>
  readBody(request, { limit: formLimit, withinMs: settings.bodyMs })

/** `POST /token`, a form: OAuth2's grants by password, which containerd tries first, and by refresh token (RFC 6749). */
export const postToken = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const form = new URLSearchParams((await readForm(request, registry)).toString('utf8'))
  const rest = { scopes: form.getAll('scope'), tellScope: true }
  const grantType = form.get('grant_type')
  if (grantType === 'password') {
    const login = { user: form.get('username') ?? '', password: form.get('password') ?? '' }
    const who = await logIn(request, registry, login)
    const client = form.get('access_type') === 'offline' ? (form.get('client_id') ?? '') : undefined
    return issue(response, registry, { ...rest, who, client })
  }
  if (grantType === 'refresh_token') {
    return issue(response, registry, { ...rest, who: await logInAgain(registry, form.get('refresh_token') ?? '') })
  }
  throw ociError('UNAUTHORIZED', { message: 'unsupported grant_type: use password or refresh_token' })
}
