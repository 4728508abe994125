import type { ServerResponse } from 'node:http'
import { type ApiRequest, checkOwnPage, type Route, readJson, sendEmpty, sendJson, shape } from '@slipway/http'
import { callerMayEverywhere, checkLogin } from '../access/caller.ts'
import { authenticate } from '../access/challenge.ts'
import { noteDeed } from '../audit/note.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { hubCookie, sessionSecretOf } from './cookie.ts'
import { closeSession, openSession } from './sessions.ts'

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
  const { sql } = registry.database
  // One that was there before this sign-in is nobody's any more: a session can't be planted (session fixation).
  const before = sessionSecretOf(request.raw)
  if (before !== undefined) await closeSession(sql, before)
  const session = await openSession(sql, identity.name)
  noteDeed(registry, request, identity.name, { action: 'login', subject: identity.name })
  sendEmpty(response, 204, hubCookie(request.raw, session))
}

/** `GET /api/v1/session`: who is there, and what that one may do with the registry itself. */
const whoIsThere = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const caller = await authenticate(request, response, registry)
  const account = caller.identity.kind === 'anonymous' ? null : caller.identity.name
  sendJson(response, 200, { account, manages: await callerMayEverywhere(registry, caller, 'manage') })
}

/** `DELETE /api/v1/session`: signs out. */
const signOut = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  checkOwnPage(request.raw)
  const secret = sessionSecretOf(request.raw)
  if (secret !== undefined) await closeSession(registry.database.sql, secret)
  sendEmpty(response, 204, hubCookie(request.raw, ''))
}

export const sessionRoutes: readonly Route<Registry>[] = [
  { method: 'POST', path: '/api/v1/session', handle: signIn },
  { method: 'GET', path: '/api/v1/session', handle: whoIsThere },
  { method: 'DELETE', path: '/api/v1/session', handle: signOut },
]
