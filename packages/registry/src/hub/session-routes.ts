import type { ServerResponse } from 'node:http'
import { BrowserList, HubLogin, HubSession } from '@slipway/client/hub'
import { checkOwnPage } from '@slipway/http'
import { accountOf, callerMayEverywhere, checkLogin } from '../access/caller.ts'
import { dueOf } from '../access/due.ts'
import { findActiveAccount } from '../accounts/records.ts'
import { type ApiRoute, type Asked, route } from '../api/route.ts'
import { anyone, nobody, owner } from '../api/who.ts'
import { noteDeed } from '../audit/note.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { checkSecondFactor } from '../sign-in/second-factor/ask.ts'
import { hubCookie, sessionSecretOf, setHeaders } from './cookie.ts'
import { enter } from './enter.ts'
import { closeSession, endSession, listSessions } from './sessions.ts'

const signIn = async (
  asked: Asked<{ readonly body: HubLogin }>,
  registry: Registry,
  response: ServerResponse,
): Promise<void> => {
  checkOwnPage(asked.raw)
  const { identity, account, token } = await checkLogin(asked, registry, asked.body)
  // A token has limits that a session doesn't know.
  if (token !== undefined) throw ociError('DENIED', { message: 'sign in with your password, not with a token' })
  if (account.hasSecondFactor) await checkSecondFactor(asked, registry, account.name, asked.body.code)
  setHeaders(response, await enter(asked, registry, identity.name, { showedCode: account.hasSecondFactor }))
  noteDeed(registry, asked, identity.name, { action: 'login', subject: identity.name })
}

/** Who is there, what that one may do with the registry itself, and must do before all else. */
const whoIsThere = async ({ caller }: Asked, registry: Registry): Promise<HubSession> => {
  const account = accountOf(caller)
  const found = account === null ? undefined : await findActiveAccount(registry.database.sql, account)
  return {
    account,
    manages: await callerMayEverywhere(registry, caller, 'manage'),
    origin: found?.origin ?? null,
    due: (found && dueOf(found, registry)) ?? null,
  }
}

const signOut = async ({ raw }: Asked, { database: { sql } }: Registry, response: ServerResponse): Promise<void> => {
  checkOwnPage(raw)
  const secret = sessionSecretOf(raw)
  if (secret !== undefined) await closeSession(sql, secret)
  setHeaders(response, hubCookie(raw, ''))
}

/** The browsers in which one has signed in. */
const getSessions = async ({ raw, caller }: Asked, { database: { sql } }: Registry): Promise<BrowserList> => ({
  sessions: await listSessions(sql, caller.identity.name, sessionSecretOf(raw)),
})

/** Ends one, wherever that browser is. */
const deleteSession = async ({ caller, params }: Asked, { database: { sql } }: Registry): Promise<void> =>
  endSession(sql, caller.identity.name, params['id'] ?? '')

export const sessionRoutes: readonly ApiRoute[] = [
  route('POST', '/api/v1/session', {
    id: 'signIn',
    summary:
      'Signs a browser in: the answer has its cookie; 401 with `secondFactor` in its detail asks for a code as well',
    who: nobody,
    body: HubLogin,
    largestBody: 8192,
    handle: signIn,
  }),
  route('GET', '/api/v1/session', {
    id: 'whoIsThere',
    summary: 'Who asks, and what that one may do with the registry itself',
    who: anyone,
    answer: HubSession,
    handle: whoIsThere,
  }),
  route('DELETE', '/api/v1/session', {
    id: 'signOut',
    summary: 'Signs a browser out',
    who: nobody,
    handle: signOut,
  }),
  route('GET', '/api/v1/sessions', {
    id: 'listSessions',
    summary: 'The browsers in which one has signed in',
    who: owner,
    answer: BrowserList,
    handle: getSessions,
  }),
  route('DELETE', '/api/v1/sessions/{id}', {
    id: 'endSession',
    summary: 'Ends a session, wherever that browser is',
    who: owner,
    handle: deleteSession,
  }),
]
