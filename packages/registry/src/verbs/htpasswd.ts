import { readFile } from 'node:fs/promises'
import { hasCode, invalid, messageOf } from '@slipway/core'
import { parseHtpasswd } from '../accounts/htpasswd.ts'
import { importAccount } from '../accounts/records.ts'
import { grantFrom } from './users.ts'
import type { Administration, Verb } from './verb.ts'

const read = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw invalid(`can't read ${path}: ${messageOf(error)}`, error)
  }
}

/** All or none of them; who is there already keeps the password that is there. */
const importAll = async (
  { database, print }: Administration,
  path = '',
  ...words: readonly string[]
): Promise<void> => {
  const [entries, grant] = [parseHtpasswd(await read(path)), grantFrom(...words)]
  const known: string[] = []
  await database.transaction(async (sql) => {
    for (const { name, hash } of entries) {
      try {
        await importAccount(sql, name, hash, grant)
      } catch (error) {
        if (!hasCode(error, 'already-exists')) throw error
        known.push(name)
      }
    }
  })
  print(`${entries.length - known.length} accounts were imported.`)
  for (const name of known) print(`${name} is there already, and was left as it is.`)
}

export const htpasswdVerbs: readonly Verb[] = [
  {
    words: ['htpasswd', 'import'],
    arguments: 'FILE [PATTERN] [ACTIONS]',
    about: 'make accounts of an htpasswd file (bcrypt), for everything or what PATTERN names',
    run: importAll,
    deed: (subject, ...grant) => ({ action: 'account.import', subject, detail: grant.join(':') || '**' }),
  },
]
