import type { ServerResponse } from 'node:http'
import { type ApiRequest, type Route, readJson, sendEmpty, sendJson, shape } from '@slipway/http'
import { accountOf, checkLogin } from '../access/caller.ts'
import { authenticate } from '../access/challenge.ts'
import { managed } from '../access/manager.ts'
import { allActions, type Grant, parseActions, parsePattern } from '../access/pattern.ts'
import { giveGrant, listGrants, takeGrant } from '../accounts/grants.ts'
import { addAccount, addRobot, changePassword, listAccounts, removeAccount } from '../accounts/records.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'

const { object, text } = shape

interface Wish {
  readonly name?: string
  /** Missing: a robot, which comes with access tokens. */
  readonly password?: string
  readonly pattern?: string
  readonly actions?: string
}

const wish = { shape: object<Wish>('Account', { name: text(), password: text(), pattern: text(), actions: text() }) }

const grantOf = ({ pattern = '**', actions }: Wish): Grant => ({
  pattern: parsePattern(pattern),
  actions: actions === undefined ? allActions : parseActions(actions),
})

type Handler = (request: ApiRequest, response: ServerResponse, registry: Registry) => Promise<void>

const list: Handler = async (_request, response, { database: { sql } }) => {
  const accounts = await listAccounts(sql)
  const described = accounts.map(async ({ name, kind, created_at }) => ({
    name,
    kind,
    createdAt: created_at,
    grants: await listGrants(sql, name),
  }))
  sendJson(response, 200, { accounts: await Promise.all(described) })
}

const add: Handler = async (request, response, { database: { sql } }) => {
  const { name = '', password, ...grant } = (await readJson(request, wish, { limit: 8192 })) ?? {}
  if (password === undefined) await addRobot(sql, name, grantOf(grant))
  else await addAccount(sql, name, password, { grant: grantOf(grant) })
  sendEmpty(response, 201, { 'Content-Length': 0 })
}

/** Whoever removes themselves could leave a registry that nobody manages. */
const remove: Handler = async (request, response, registry) => {
  const name = request.params['account'] ?? ''
  const caller = await authenticate(request, response, registry)
  if (accountOf(caller) === name) {
    throw ociError('REQUEST_INVALID', { status: 409, message: 'you cannot remove the account that you use' })
  }
  await removeAccount(registry.database.sql, name)
  sendEmpty(response, 204)
}

const grant: Handler = async (request, response, { database: { sql } }) => {
  const body = (await readJson(request, wish)) ?? {}
  await giveGrant(sql, request.params['account'] ?? '', grantOf(body))
  sendEmpty(response, 204)
}

/** `?pattern=`: a pattern has slashes and stars. */
const revoke: Handler = async ({ params, query }, response, { database: { sql } }) => {
  await takeGrant(sql, params['account'] ?? '', query.get('pattern') ?? '')
  sendEmpty(response, 204)
}

const passwords = {
  shape: object<{ readonly old?: string; readonly new?: string }>('Passwords', { old: text(), new: text() }),
}

/** One's own password, by who knows the old one: all other sessions and refresh tokens end. */
const change: Handler = async (request, response, registry) => {
  const caller = await authenticate(request, response, registry)
  const user = accountOf(caller)
  if (user === null) throw ociError('UNAUTHORIZED')
  const { old = '', new: password = '' } = (await readJson(request, passwords, { limit: 8192 })) ?? {}
  const { token } = await checkLogin(request, registry, { user, password: old })
  if (token !== undefined) throw ociError('DENIED')
  await changePassword(registry.database.sql, user, password)
  sendEmpty(response, 204)
}

export const accountRoutes: readonly Route<Registry>[] = [
  { method: 'GET', path: '/api/v1/accounts', handle: managed(list) },
  { method: 'POST', path: '/api/v1/accounts', handle: managed(add) },
  { method: 'DELETE', path: '/api/v1/accounts/{account}', handle: managed(remove) },
  { method: 'PUT', path: '/api/v1/accounts/{account}/grants', handle: managed(grant) },
  { method: 'DELETE', path: '/api/v1/accounts/{account}/grants', handle: managed(revoke) },
  { method: 'PUT', path: '/api/v1/password', handle: change },
]
