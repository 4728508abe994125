import { type Database, invalid, isRepositoryName, type Logger, type Sql } from '@slipway/core'
import { addAccount, changePassword, hasAccounts, listAccounts, removeAccount } from './accounts/records.ts'
import { describeRepository } from './metadata/repositories.ts'
import type { Retention } from './metadata/retention.ts'
import type { BlobStorage } from './storage/storage.ts'
import { type CheckFlags, checkVerbs } from './verbs/check.ts'
import { gcVerbs } from './verbs/gc.ts'
import { repositoryVerbs } from './verbs/repositories.ts'

export interface Administration {
  readonly sql: Sql
  readonly database: Database
  readonly storage: BlobStorage
  readonly retention: Retention
  readonly logger: Logger
  readonly check: CheckFlags
  readonly readPassword: () => Promise<string>
  readonly print: (line: string) => void
}

/** One verb of `slipway registry`: its words, and what it does with the arguments behind them. */
export interface Verb {
  readonly words: readonly string[]
  /** In capitals what must be given; in brackets what may be. */
  readonly arguments: string
  readonly about: string
  readonly run: (tools: Administration, ...args: readonly string[]) => Promise<void>
}

const describe = async ({ sql }: Administration, name = '', text = ''): Promise<void> => {
  if (!isRepositoryName(name)) throw invalid(`invalid repository name ${JSON.stringify(name)}`)
  await describeRepository(sql, name, text)
}

const remove = async ({ sql, print }: Administration, name = ''): Promise<void> => {
  await removeAccount(sql, name)
  if (!(await hasAccounts(sql))) print('That was the last account: on loopback, everyone may push again.')
}

/** They work on the database itself, also while the registry runs. */
export const verbs: readonly Verb[] = [
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
  {
    words: ['repository', 'describe'],
    arguments: 'NAME TEXT',
    about: 'set the description that search shows',
    run: describe,
  },
  ...repositoryVerbs,
  ...gcVerbs,
  ...checkVerbs,
]

const countMatches = (verb: Verb, pattern: RegExp): number =>
  verb.arguments.split(' ').filter((word) => pattern.test(word)).length

/** Finds the verb that `words` begin with, and its arguments. Throws invalid. */
export const findVerb = (words: readonly string[]): { readonly verb: Verb; readonly args: readonly string[] } => {
  const verb = verbs.find((one) => one.words.every((word, at) => words[at] === word))
  if (verb === undefined) throw invalid(`there is no command "slipway registry ${words.join(' ')}"`)
  const args = words.slice(verb.words.length)
  const [least, optional] = [countMatches(verb, /^[A-Z]+$/), countMatches(verb, /^\[[A-Z]+\]$/)]
  if (args.length < least || args.length > least + optional) {
    throw invalid(`use: slipway registry ${verb.words.join(' ')} ${verb.arguments}`.trim())
  }
  return { verb, args }
}

export const needsPassword = (verb: Verb): boolean => verb.arguments.includes('--password-stdin')

export const administer = async (words: readonly string[], tools: Omit<Administration, 'sql'>): Promise<void> => {
  const { verb, args } = findVerb(words)
  await verb.run({ ...tools, sql: tools.database.sql }, ...args)
}
