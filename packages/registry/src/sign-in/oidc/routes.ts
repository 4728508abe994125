import type { ServerResponse } from 'node:http'
import { messageOf, SlipwayError } from '@slipway/core'
import { type ApiRequest, checkOwnPage, type Route, sendEmpty } from '@slipway/http'
import { originOf } from '../../access/challenge.ts'
import { findActiveAccount } from '../../accounts/records.ts'
import { noteDeed } from '../../audit/note.ts'
import { ociError } from '../../distribution/oci-error.ts'
import { sessionSecretOf } from '../../hub/cookie.ts'
import { enter } from '../../hub/enter.ts'
import { accountOfSession } from '../../hub/sessions.ts'
import type { Registry } from '../../registry.ts'
import { arrive } from '../elsewhere/arrive.ts'
import { linkIdentity } from '../elsewhere/identities.ts'
import { departureCookie, departureIn } from './departure-cookie.ts'
import type { Provider, Visitor } from './provider.ts'

/** Why nothing came of it, for the page to say. */
type Problem = 'late' | 'provider' | 'unknown' | 'taken' | 'linked' | 'disabled'

type Handler = (request: ApiRequest, response: ServerResponse, registry: Registry) => Promise<void>

const providerOf = ({ signIn }: Registry): Provider => {
  if (signIn.provider === undefined) throw ociError('NOT_FOUND')
  return signIn.provider
}

const redirectOf = (request: ApiRequest): URL => new URL('/sign-in/oidc/callback', originOf(request))

/** Within our own pages, whatever anybody sent. */
const goTo = (response: ServerResponse, to: string, cookies: readonly string[]): void =>
  sendEmpty(response, 302, {
    Location: to,
    'Set-Cookie': [...cookies],
    'Cache-Control': 'no-store',
    'Content-Length': 0,
  })

const failWith = (response: ServerResponse, problem: Problem, cookie: string): void =>
  goTo(response, `/sign-in?problem=${problem}`, [cookie])

/** `GET /sign-in/oidc`: sends the browser to the provider; `?link=1`, to link what it says to the account that is signed in. */
const depart: Handler = async (request, response, registry) => {
  const provider = providerOf(registry)
  let account: string | null = null
  if (request.query.get('link') === '1') {
    checkOwnPage(request.raw)
    account = (await accountOfSession(registry.database.sql, sessionSecretOf(request.raw) ?? '')) ?? null
    if (account === null) throw ociError('UNAUTHORIZED')
  }
  const { seal } = registry.signIn
  try {
    const { to, departure } = await provider.depart(redirectOf(request))
    goTo(response, to.href, [departureCookie(request.raw, seal, { ...departure, account })])
  } catch (error) {
    registry.logger.warn({ error: messageOf(error) }, 'nobody can be sent to the provider')
    failWith(response, 'provider', departureCookie(request.raw, seal, undefined))
  }
}

const link = async (registry: Registry, visitor: Visitor, account: string): Promise<Problem | undefined> => {
  const { sql } = registry.database
  if ((await findActiveAccount(sql, account)) === undefined) return 'disabled'
  const owner = await linkIdentity(sql, visitor, account, visitor.name || visitor.subject)
  return owner === account ? undefined : 'linked'
}

const problemOf = (error: unknown): Problem => {
  if (!(error instanceof SlipwayError)) throw error
  const why = error.detail['why']
  if (why === 'unknown' || why === 'taken') return why
  // A provider that tells no name, or one that no account can have.
  if (error.code === 'invalid') return 'taken'
  if (error.code === 'unauthenticated' || error.code === 'unavailable') return 'provider'
  throw error
}

/** Lets in who came back. Returns the cookie of the session, or why not. */
const letIn = async (request: ApiRequest, registry: Registry, visitor: Visitor): Promise<string | Problem> => {
  const { database, signIn } = registry
  const welcome = { create: providerOf(registry).settings.create, rules: signIn.rules }
  const account = await arrive(database, { ...visitor, origin: 'oidc' }, welcome)
  if ((await findActiveAccount(database.sql, account)) === undefined) return 'disabled'
  noteDeed(registry, request, account, { action: 'login', subject: account, detail: visitor.issuer })
  return (await enter(request, registry, account))['Set-Cookie'] ?? ''
}

/** `GET /sign-in/oidc/callback`: the browser comes back, with a code that the provider tells us more for. */
const comeBack: Handler = async (request, response, registry) => {
  const provider = providerOf(registry)
  const away = departureIn(request.raw, registry.signIn.seal)
  const over = departureCookie(request.raw, registry.signIn.seal, undefined)
  if (away === undefined) return failWith(response, 'late', over)
  const here = redirectOf(request)
  here.search = request.query.toString()
  try {
    const visitor = await provider.arrive(here, away)
    if (away.account !== null) {
      const problem = await link(registry, visitor, away.account)
      if (problem !== undefined) return failWith(response, problem, over)
      noteDeed(registry, request, away.account, {
        action: 'identity.link',
        subject: away.account,
        detail: visitor.issuer,
      })
      return goTo(response, '/account', [over])
    }
    const outcome = await letIn(request, registry, visitor)
    if (outcome === 'disabled') return failWith(response, outcome, over)
    goTo(response, '/', [over, outcome])
  } catch (error) {
    failWith(response, problemOf(error), over)
  }
}

/** Pages of the browser's way to the provider and back: redirections, no API. */
export const oidcRoutes: readonly Route<Registry>[] = [
  { method: 'GET', path: '/sign-in/oidc', handle: depart },
  { method: 'GET', path: '/sign-in/oidc/callback', handle: comeBack },
]
