import type { ServerResponse } from 'node:http'
import { type ApiRequest, type Route, readJson, sendEmpty, sendJson, shape } from '@slipway/http'
import { accountOf, checkLogin } from '../access/caller.ts'
import { authenticate } from '../access/challenge.ts'
import { type ManagerRequest, managed } from '../access/manager.ts'
import { allActions, formatGrants, type Grant, parseActions, parsePattern } from '../access/pattern.ts'
import { disableAccount, enableAccount } from '../accounts/disable.ts'
import { giveGrant, listGrants, takeGrant } from '../accounts/grants.ts'
import { giveOneTimePassword } from '../accounts/one-time.ts'
import { checkNewPassword } from '../accounts/password-rules.ts'
import { addAccount, addRobot, changePassword, listAccounts } from '../accounts/records.ts'
import { removeAccount } from '../accounts/remove.ts'
import { noteDeed } from '../audit/note.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { enter } from './enter.ts'

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

type Handler<Request = ManagerRequest> = (
  request: Request,
  response: ServerResponse,
  registry: Registry,
) => Promise<void>

const note = (request: ManagerRequest, registry: Registry, action: string, subject: string, detail?: string): void =>
  noteDeed(registry, request, accountOf(request.caller), { action, subject, detail })

const list: Handler = async (_request, response, { database: { sql } }) => {
  const accounts = await listAccounts(sql)
  const described = accounts.map(async ({ name, kind, created_at, disabledAt }) => ({
    name,
    kind,
    createdAt: created_at,
    disabledAt,
    grants: await listGrants(sql, name),
  }))
  sendJson(response, 200, { accounts: await Promise.all(described) })
}

const add: Handler = async (request, response, registry) => {
  const { sql } = registry.database
  const { name = '', password, ...wanted } = (await readJson(request, wish, { limit: 8192 })) ?? {}
  const grant = grantOf(wanted)
  if (password === undefined) await addRobot(sql, name, grant)
  else {
    checkNewPassword(password, name)
    await addAccount(sql, name, password, { grant })
  }
  note(request, registry, 'account.add', name, formatGrants([grant]))
  sendEmpty(response, 201, { 'Content-Length': 0 })
}

/** Throws for one's own account: whoever shuts themselves out could leave a registry that nobody manages. */
const otherAccount = (request: ManagerRequest): string => {
  const name = request.params['account'] ?? ''
  if (accountOf(request.caller) === name) {
    throw ociError('REQUEST_INVALID', { status: 409, message: 'you cannot do that to the account that you use' })
  }
  return name
}

const remove: Handler = async (request, response, registry) => {
  const name = otherAccount(request)
  await registry.database.transaction((sql) => removeAccount(sql, name))
  note(request, registry, 'account.remove', name)
  sendEmpty(response, 204)
}

const disable: Handler = async (request, response, registry) => {
  const name = otherAccount(request)
  await disableAccount(registry.database.sql, name)
  note(request, registry, 'account.disable', name)
  sendEmpty(response, 204)
}

const enable: Handler = async (request, response, registry) => {
  const name = otherAccount(request)
  await enableAccount(registry.database.sql, name)
  note(request, registry, 'account.enable', name)
  sendEmpty(response, 204)
}

/** For who has lost theirs. The answer is the only time that it is told. */
const resetPassword: Handler = async (request, response, registry) => {
  const name = otherAccount(request)
  const password = await giveOneTimePassword(registry.database.sql, name)
  note(request, registry, 'account.one-time-password', name)
  sendJson(response, 201, { password }, { 'Cache-Control': 'no-store' })
}

const grant: Handler = async (request, response, registry) => {
  const given = grantOf((await readJson(request, wish)) ?? {})
  const account = request.params['account'] ?? ''
  await giveGrant(registry.database.sql, account, given)
  note(request, registry, 'account.grant', account, formatGrants([given]))
  sendEmpty(response, 204)
}

/** `?pattern=`: a pattern has slashes and stars. */
const revoke: Handler = async (request, response, registry) => {
  const [account, pattern] = [request.params['account'] ?? '', request.query.get('pattern') ?? '']
  await takeGrant(registry.database.sql, account, pattern)
  note(request, registry, 'account.revoke', account, pattern)
  sendEmpty(response, 204)
}

const passwords = {
  shape: object<{ readonly old?: string; readonly new?: string }>('Passwords', { old: text(), new: text() }),
}

/** One's own password, by who knows the old one: all other sessions and refresh tokens end, and this browser gets a new one. */
const change: Handler<ApiRequest> = async (request, response, registry) => {
  const caller = await authenticate(request, response, registry)
  const user = accountOf(caller)
  if (user === null) throw ociError('UNAUTHORIZED')
  const { old = '', new: password = '' } = (await readJson(request, passwords, { limit: 8192 })) ?? {}
  const { token } = await checkLogin(request, registry, { user, password: old })
  if (token !== undefined) throw ociError('DENIED')
  checkNewPassword(password, user)
  if (old === password) throw ociError('REQUEST_INVALID', { message: 'this is the password that you have already' })
  await changePassword(registry.database.sql, user, password)
  noteDeed(registry, request, user, { action: 'password.change', subject: user })
  const isBrowser = request.raw.headers.authorization === undefined
  sendEmpty(response, 204, isBrowser ? await enter(request, registry, user) : {})
}

export const accountRoutes: readonly Route<Registry>[] = [
  { method: 'GET', path: '/api/v1/accounts', handle: managed(list) },
  { method: 'POST', path: '/api/v1/accounts', handle: managed(add) },
  { method: 'DELETE', path: '/api/v1/accounts/{account}', handle: managed(remove) },
  { method: 'PUT', path: '/api/v1/accounts/{account}/disabled', handle: managed(disable) },
  { method: 'DELETE', path: '/api/v1/accounts/{account}/disabled', handle: managed(enable) },
  { method: 'POST', path: '/api/v1/accounts/{account}/one-time-password', handle: managed(resetPassword) },
  { method: 'PUT', path: '/api/v1/accounts/{account}/grants', handle: managed(grant) },
  { method: 'DELETE', path: '/api/v1/accounts/{account}/grants', handle: managed(revoke) },
  { method: 'PUT', path: '/api/v1/password', handle: change },
]
