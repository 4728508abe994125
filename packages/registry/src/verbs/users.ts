import { addAccount, changePassword, hasAccounts, listAccounts, removeAccount } from '../accounts/records.ts'
import type { Administration, Verb } from './verb.ts'

const remove = async ({ sql, print }: Administration, name = ''): Promise<void> => {
  await removeAccount(sql, name)
  if (!(await hasAccounts(sql))) print('That was the last account: on loopback, everyone may push again.')
}

export const userVerbs: readonly Verb[] = [
  {
    words: ['user', 'add'],
    arguments: 'NAME --password-stdin',
    about: 'make an account; the first one closes pushing to all others',
    run: async ({ sql, readPassword }, name = '') => addAccount(sql, name, await readPassword()),
  },
  {
    words: ['user', 'password'],
    arguments: 'NAME --password-stdin',
    about: "change an account's password",
    run: async ({ sql, readPassword }, name = '') => changePassword(sql, name, await readPassword()),
  },
  { words: ['user', 'remove'], arguments: 'NAME', about: 'remove an account', run: remove },
  {
    words: ['user', 'list'],
    arguments: '',
    about: 'list the accounts',
    run: async ({ sql, print }) => {
      for (const { name, created_at } of await listAccounts(sql)) print(`${name}\t${created_at}`)
    },
  },
]
