import type { ServerResponse } from 'node:http'
import type { HubSession } from '@slipway/client'
import { type ApiRequest, checkOwnPage, type Route, readJson, sendEmpty, sendJson, shape } from '@slipway/http'
import { accountOf, callerMayEverywhere, checkLogin } from '../access/caller.ts'
import { authenticate } from '../access/challenge.ts'
import { findActiveAccount } from '../accounts/records.ts'
import { noteDeed } from '../audit/note.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { hubCookie, sessionSecretOf } from './cookie.ts'
import { enter } from './enter.ts'
import { closeSession, endSession, listSessions } from './sessions.ts'

const loginBody = {
  shape: shape.object<{ readonly user?: string; readonly password?: string }>('Login', {
    user: shape.text(),
    password: shape.text(),
  }),
}

/** `POST /api/v1/session`: signs a browser in. */
const signIn = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  checkOwnPage(request.raw)
  const { user = '', password = '' } = (await readJson(request, loginBody, { limit: 8192 })) ?? {}
  const { identity, token } = await checkLogin(request, registry, { user, password })
  // A token has limits that a session doesn't know.
  if (token !== undefined) throw ociError('DENIED', { message: 'sign in with your password, not with a token' })
  const cookie = await enter(request, registry, identity.name)
  noteDeed(registry, request, identity.name, { action: 'login', subject: identity.name })
  sendEmpty(response, 204, cookie)
}

/** `GET /api/v1/session`: who is there, what that one may do with the registry itself, and must do before all else. */
const whoIsThere = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const caller = await authenticate(request, response, registry)
  const account = accountOf(caller)
  const found = account === null ? undefined : await findActiveAccount(registry.database.sql, account)
  sendJson(response, 200, {
    account,
    manages: await callerMayEverywhere(registry, caller, 'manage'),
    mustChange: found?.mustChange ?? false,
  } satisfies HubSession)
}

/** `DELETE /api/v1/session`: signs out. */
const signOut = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  checkOwnPage(request.raw)
  const secret = sessionSecretOf(request.raw)
  if (secret !== undefined) await closeSession(registry.database.sql, secret)
  sendEmpty(response, 204, hubCookie(request.raw, ''))
}

/** The account itself, by its password or its browser: what an access token may doesn't reach so far. */
const ownerOf = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<string> => {
  const caller = await authenticate(request, response, registry)
  const account = accountOf(caller)
  if (account === null) throw ociError('UNAUTHORIZED')
  if (caller.access !== undefined || caller.byAccessToken) throw ociError('DENIED')
  return account
}

/** `GET /api/v1/sessions`: the browsers in which one has signed in. */
const getSessions = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const account = await ownerOf(request, response, registry)
  const sessions = await listSessions(registry.database.sql, account, sessionSecretOf(request.raw))
  sendJson(response, 200, { sessions })
}

/** `DELETE /api/v1/sessions/{id}`: ends one, wherever that browser is. */
const deleteSession = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const account = await ownerOf(request, response, registry)
  await endSession(registry.database.sql, account, request.params['id'] ?? '')
  sendEmpty(response, 204)
}

export const sessionRoutes: readonly Route<Registry>[] = [
  { method: 'POST', path: '/api/v1/session', handle: signIn },
  { method: 'GET', path: '/api/v1/session', handle: whoIsThere },
  { method: 'DELETE', path: '/api/v1/session', handle: signOut },
  { method: 'GET', path: '/api/v1/sessions', handle: getSessions },
  { method: 'DELETE', path: '/api/v1/sessions/{id}', handle: deleteSession },
]
