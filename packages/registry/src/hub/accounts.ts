import type { ServerResponse } from 'node:http'
import type {
  AccountList,
  GrantChoice,
  NewAccount,
  NewGrant,
  OneTimePassword,
  PageQuery,
  PasswordChange,
} from '@slipway/client/hub'
import { accountOf, checkLogin } from '../access/caller.ts'
import { allActions, formatGrants, type Grant, parseActions, parsePattern } from '../access/pattern.ts'
import { disableAccount, enableAccount } from '../accounts/disable.ts'
import { giveGrant, listGrantsBetween, takeGrant } from '../accounts/grants.ts'
import { giveOneTimePassword } from '../accounts/one-time.ts'
import { checkNewPassword } from '../accounts/password-rules.ts'
import { addAccount, addRobot, changePassword, listAccounts } from '../accounts/records.ts'
import { removeAccount } from '../accounts/remove.ts'
import { pageFrom, pageSize } from '../api/page.ts'
import type { Asked } from '../api/route.ts'
import { noteDeed } from '../audit/note.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { setHeaders } from './cookie.ts'
import { enter } from './enter.ts'

const grantOf = ({ pattern = '**', actions }: NewGrant): Grant => ({
  pattern: parsePattern(pattern),
  actions: actions === undefined ? allActions : parseActions(actions),
})

const accountIn = ({ params }: Asked): string => params['account'] ?? ''

export const getAccounts = async (
  { query: { after = '' } }: Asked<{ readonly query: PageQuery }>,
  { database: { sql } }: Registry,
): Promise<AccountList> => {
  const { rows, next } = pageFrom(await listAccounts(sql, { after, limit: pageSize + 1 }), ({ name }) => name)
  const grants = await listGrantsBetween(sql, rows[0]?.name ?? '', rows.at(-1)?.name ?? '')
  const accounts = rows.map(({ created_at, ...account }) => ({
    ...account,
    createdAt: created_at,
    grants: (grants.get(account.name) ?? []).map(({ pattern, actions }) => ({ pattern, actions })),
  }))
  return { accounts, next }
}

const note = (asked: Asked, registry: Registry, action: string, subject: string, detail?: string): void =>
  noteDeed(registry, asked, accountOf(asked.caller), { action, subject, detail })

export const postAccount = async (asked: Asked<{ readonly body: NewAccount }>, registry: Registry): Promise<void> => {
  const { sql } = registry.database
  const { name, password, ...wanted } = asked.body
  const grant = grantOf(wanted)
  if (password === undefined) await addRobot(sql, name, grant)
  else {
    checkNewPassword(password, name)
    await addAccount(sql, name, password, { grant })
  }
  note(asked, registry, 'account.add', name, formatGrants([grant]))
}

/** Throws for one's own account: whoever shuts themselves out could leave a registry that nobody manages. */
const otherAccount = (asked: Asked): string => {
  const name = accountIn(asked)
  if (accountOf(asked.caller) === name) {
    throw ociError('REQUEST_INVALID', { status: 409, message: 'you cannot do that to the account that you use' })
  }
  return name
}

export const deleteAccount = async (asked: Asked, { database }: Registry): Promise<void> => {
  const name = otherAccount(asked)
  await database.transaction((sql) => removeAccount(sql, name))
}

export const putDisabled = async (asked: Asked, { database: { sql } }: Registry): Promise<void> =>
  disableAccount(sql, otherAccount(asked))

export const deleteDisabled = async (asked: Asked, { database: { sql } }: Registry): Promise<void> =>
  enableAccount(sql, otherAccount(asked))

/** For who has lost theirs. The answer is the only time that it is told. */
export const postOneTimePassword = async (
  asked: Asked,
  { database: { sql } }: Registry,
  response: ServerResponse,
): Promise<OneTimePassword> => {
  const password = await giveOneTimePassword(sql, otherAccount(asked))
  response.setHeader('Cache-Control', 'no-store')
  return { password }
}

export const putGrant = async (asked: Asked<{ readonly body: NewGrant }>, registry: Registry): Promise<void> => {
  const [account, given] = [accountIn(asked), grantOf(asked.body)]
  await giveGrant(registry.database.sql, account, given)
  note(asked, registry, 'account.grant', account, formatGrants([given]))
}

/** By its pattern in the query: a pattern has slashes and stars. */
export const deleteGrant = async (asked: Asked<{ readonly query: GrantChoice }>, registry: Registry): Promise<void> => {
  const [account, { pattern }] = [accountIn(asked), asked.query]
  await takeGrant(registry.database.sql, account, pattern)
  note(asked, registry, 'account.revoke', account, pattern)
}

/** One's own, by who knows the old one: all other sessions and refresh tokens end, and this browser gets a new one. */
export const putPassword = async (
  asked: Asked<{ readonly body: PasswordChange }>,
  registry: Registry,
  response: ServerResponse,
): Promise<void> => {
  const { old, new: password } = asked.body
  const user = accountOf(asked.caller)
  if (user === null) throw ociError('UNAUTHORIZED')
  const { token } = await checkLogin(asked, registry, { user, password: old })
  if (token !== undefined) throw ociError('DENIED')
  if (old === password) throw ociError('REQUEST_INVALID', { message: 'this is the password that you have already' })
  checkNewPassword(password, user)
  await changePassword(registry.database.sql, user, password)
  note(asked, registry, 'password.change', user)
  const isBrowser = asked.raw.headers.authorization === undefined
  if (isBrowser) setHeaders(response, await enter(asked, registry, user))
}
