import { invalid } from '@slipway/core'
import { allActions, formatGrants, type Grant, parseActions, parsePattern } from '../access/pattern.ts'
import { disableAccount, enableAccount } from '../accounts/disable.ts'
import { giveGrant, listGrants, takeGrant } from '../accounts/grants.ts'
import { giveOneTimePassword } from '../accounts/one-time.ts'
import { addAccount, changePassword, hasAccounts, listAccounts } from '../accounts/records.ts'
import { removeAccount } from '../accounts/remove.ts'
import { requireSecondFactor, resetSecondFactor } from '../sign-in/second-factor/records.ts'
import type { Administration, Verb } from './verb.ts'

/** What was typed as PATTERN and ACTIONS; everything, where nothing was. Throws invalid. */
export const grantFrom = (pattern = '**', actions?: string): Grant => ({
  pattern: parsePattern(pattern),
  actions: actions === undefined ? allActions : parseActions(actions),
})

const add = async ({ sql, readPassword }: Administration, name = '', ...grant: readonly string[]): Promise<void> =>
  addAccount(sql, name, await readPassword(), { grant: grantFrom(...grant) })

const remove = async ({ sql, database, print }: Administration, name = ''): Promise<void> => {
  await database.transaction((inside) => removeAccount(inside, name))
  if (!(await hasAccounts(sql))) print('That was the last account: on loopback, everyone may push again.')
}

const list = async ({ sql, print }: Administration): Promise<void> => {
  for (const { name, kind, created_at, disabledAt } of await listAccounts(sql)) {
    const grants = formatGrants(await listGrants(sql, name))
    print([name, created_at, kind, disabledAt === null ? grants : 'disabled'].join('\t').trimEnd())
  }
}

const give = ({ sql }: Administration, name = '', ...grant: readonly string[]): Promise<void> =>
  giveGrant(sql, name, grantFrom(...grant))

const secondFactor = async ({ database, sql }: Administration, name = '', what = ''): Promise<void> => {
  if (what === 'reset') await database.transaction((inside) => resetSecondFactor(inside, name))
  else if (what === 'require' || what === 'allow') await requireSecondFactor(sql, name, what === 'require')
  else throw invalid('say require, allow or reset')
}

export const userVerbs: readonly Verb[] = [
  {
    words: ['user', 'add'],
    arguments: 'NAME [PATTERN] [ACTIONS] --password-stdin',
    about: 'make an account, for everything or what PATTERN names; the first one closes pushing to all others',
    run: add,
    deed: (subject, ...grant) => ({ action: 'account.add', subject, detail: grant.join(':') || '**' }),
  },
  {
    words: ['user', 'password'],
    arguments: 'NAME --password-stdin',
    about: "change an account's password",
    run: async ({ sql, readPassword }, name = '') => changePassword(sql, name, await readPassword()),
    deed: (subject) => ({ action: 'password.change', subject }),
  },
  {
    words: ['user', 'one-time-password'],
    arguments: 'NAME',
    about: 'print a password that is good for one sign-in in the browser, where another is chosen',
    run: async ({ sql, print }, name = '') => print(await giveOneTimePassword(sql, name)),
    deed: (subject) => ({ action: 'account.one-time-password', subject }),
  },
  {
    words: ['user', 'second-factor'],
    arguments: 'NAME WHAT',
    about: 'require one, no longer require one (allow), or take it away from who has lost it (reset)',
    run: secondFactor,
    deed: (subject, what) => ({ action: `second-factor.${what}`, subject }),
  },
  {
    words: ['user', 'disable'],
    arguments: 'NAME',
    about: 'let nobody in as this account; its tokens rest, its sessions end',
    run: ({ sql }, name = '') => disableAccount(sql, name),
    deed: (subject) => ({ action: 'account.disable', subject }),
  },
  {
    words: ['user', 'enable'],
    arguments: 'NAME',
    about: 'let it in again',
    run: ({ sql }, name = '') => enableAccount(sql, name),
    deed: (subject) => ({ action: 'account.enable', subject }),
  },
  {
    words: ['user', 'grant'],
    arguments: 'NAME PATTERN ACTIONS',
    about: `let an account do ${allActions.join(',')} on team/app, team/** or **`,
    run: give,
    deed: (subject, ...grant) => ({ action: 'account.grant', subject, detail: grant.join(':') }),
  },
  {
    words: ['user', 'revoke'],
    arguments: 'NAME PATTERN',
    about: 'take back what was granted',
    run: ({ sql }, name = '', pattern = '') => takeGrant(sql, name, pattern),
    deed: (subject, detail) => ({ action: 'account.revoke', subject, detail }),
  },
  {
    words: ['user', 'remove'],
    arguments: 'NAME',
    about: 'remove an account',
    run: remove,
    deed: (subject) => ({ action: 'account.remove', subject }),
  },
  { words: ['user', 'list'], arguments: '', about: 'list the accounts and what they may do', run: list },
]
