import type { ServerResponse } from 'node:http'
import type { Action, Identity } from '@slipway/core'
import { type ApiRequest, readBody, sendJson } from '@slipway/http'
import { anonymous, checkLogin, parseBasic } from '../access/caller.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { type Access, formatScope, parseScopes } from './scope.ts'
import { signToken, tokenLifeSeconds } from './token.ts'

const formLimit = 16 << 10

const repositoryActions: readonly Action[] = ['pull', 'push', 'delete']

/** What of `wanted` this one may have; granting less than was asked for is no error. */
const narrow = async (registry: Registry, who: Identity, wanted: Access): Promise<Access> => {
  const resource = { kind: wanted.type === 'repository' ? 'repository' : 'system', name: wanted.name } as const
  const asked = wanted.actions.includes('*') ? repositoryActions : wanted.actions
  const actions: string[] = []
  for (const action of repositoryActions.filter((one) => asked.includes(one))) {
    if (await registry.authorizer.allows(who, action, resource)) actions.push(action)
  }
  return { ...wanted, actions }
}

const issue = async (
  response: ServerResponse,
  registry: Registry,
  request: { readonly who: Identity; readonly scopes: readonly string[]; readonly tellScope: boolean },
): Promise<void> => {
  const now = new Date()
  const narrowed = await Promise.all(parseScopes(request.scopes).map((wanted) => narrow(registry, request.who, wanted)))
  const access = narrowed.filter(({ actions }) => actions.length > 0)
  const token = await signToken(registry.tokenKey, { subject: request.who.name, access }, now)
  const scope = request.tellScope ? { scope: access.map(formatScope).join(' ') } : {}
  sendJson(
    response,
    200,
    // Both names: docker's specification says `token`, OAuth2 says `access_token`, and clients read either.
    { token, access_token: token, expires_in: tokenLifeSeconds, issued_at: now.toISOString(), ...scope },
    { 'Cache-Control': 'no-store' },
  )
}

/**
 * `GET /token?service=…&scope=…`, with Basic credentials or none. `offline_token=true` gets no refresh token: docker would
 * store it instead of the password, and podman then refuses to log in.
 */
export const getToken = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const header = request.raw.headers.authorization
  const login = header === undefined ? undefined : parseBasic(header)
  if (header !== undefined && login === undefined) throw ociError('UNAUTHORIZED')
  const who = login ? await checkLogin(request, registry, login) : anonymous
  await issue(response, registry, { who, scopes: request.query.getAll('scope'), tellScope: false })
}

/** `POST /token`, a form: OAuth2's password grant, which containerd tries first. */
export const postToken = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const form = new URLSearchParams((await readBody(request, { limit: formLimit })).toString('utf8'))
  if (form.get('grant_type') !== 'password') {
    throw ociError('UNAUTHORIZED', { message: 'unsupported grant_type: use password' })
  }
  const login = { user: form.get('username') ?? '', password: form.get('password') ?? '' }
  const who = await checkLogin(request, registry, login)
  await issue(response, registry, { who, scopes: form.getAll('scope'), tellScope: true })
}
