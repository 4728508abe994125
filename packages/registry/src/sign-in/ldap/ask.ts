import type { Database } from '@slipway/core'
import type { AskElsewhere } from '../../accounts/check-password.ts'
import { arrive } from '../elsewhere/arrive.ts'
import type { GroupRule } from '../elsewhere/groups.ts'
import type { AskDirectory } from './directory.ts'

/** People of a directory have an account from their first sign-in on. */
export const askLdap =
  (database: Pick<Database, 'transaction'>, ask: AskDirectory, rules: readonly GroupRule[]): AskElsewhere =>
  async ({ user, password }) => {
    const person = await ask(user, password)
    if (person === undefined || person.name !== user.toLowerCase()) return undefined
    const arrival = {
      issuer: 'ldap',
      subject: person.id,
      name: person.name,
      groups: person.groups,
      origin: 'ldap',
    } as const
    return arrive(database, arrival, { create: true, rules })
  }
