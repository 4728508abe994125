import { parseGrants } from '../access/pattern.ts'
import { listAccessTokens, makeAccessToken, removeAccessToken } from '../accounts/access-tokens.ts'
import { addRobot } from '../accounts/records.ts'
import { parseDuration } from '../duration.ts'
import { grantFrom } from './users.ts'
import type { Administration, Verb } from './verb.ts'

const after = (duration: string | undefined): Date | undefined =>
  duration === undefined ? undefined : new Date(Date.now() + parseDuration(duration))

const addRobotAccount = async (
  { database, print }: Administration,
  name = '',
  pattern = '',
  actions = '',
  life?: string,
): Promise<void> => {
  const [grant, expiresAt] = [grantFrom(pattern, actions), after(life)]
  const { text } = await database.transaction(async (sql) => {
    await addRobot(sql, name, grant)
    return makeAccessToken(sql, { account: name, kind: 'access', name: 'robot', expiresAt })
  })
  print(text)
}

const add = async (
  { sql, print }: Administration,
  account = '',
  name = '',
  limits?: string,
  life?: string,
): Promise<void> => {
  const wanted = {
    account,
    name,
    limits: limits === undefined ? undefined : parseGrants(limits),
    expiresAt: after(life),
  }
  print((await makeAccessToken(sql, { ...wanted, kind: 'access' })).text)
}

const list = async ({ sql, print }: Administration, account = ''): Promise<void> => {
  for (const { id, name, limits, expiresAt, usedAt } of await listAccessTokens(sql, account)) {
    const expiry = expiresAt === null ? 'never expires' : `expires ${expiresAt}`
    const use = usedAt === null ? 'never used' : `used ${usedAt}`
    print([id, name, expiry, use, limits ?? 'all that the account may'].join('\t'))
  }
}

/** Access tokens: in place of a password, for one purpose, with limits and an end. Their text is shown once. */
export const tokenVerbs: readonly Verb[] = [
  {
    words: ['robot', 'add'],
    arguments: 'NAME PATTERN ACTIONS [DURATION]',
    about: 'make an account for a program, and print the access token it logs in with',
    run: addRobotAccount,
    deed: (subject, ...grant) => ({ action: 'account.add', subject, detail: grant.join(':') }),
  },
  {
    words: ['token', 'add'],
    arguments: 'ACCOUNT NAME [LIMITS] [DURATION]',
    about: "print a new access token, limited to 'PATTERN:ACTIONS …'",
    run: add,
    deed: (subject, ...about) => ({ action: 'token.make', subject, detail: about.join(' ') }),
  },
  { words: ['token', 'list'], arguments: 'ACCOUNT', about: "list an account's access tokens", run: list },
  {
    words: ['token', 'remove'],
    arguments: 'ACCOUNT ID',
    about: 'end an access token, and what was made with it, at once',
    run: ({ sql }, account = '', id = '') => removeAccessToken(sql, account, id),
    deed: (subject, detail) => ({ action: 'token.remove', subject, detail }),
  },
]
