import { type Database, hasCode } from '@slipway/core'
import type { AskElsewhere } from '../../accounts/check-password.ts'
import { type Arrival, arrive } from '../elsewhere/arrive.ts'
import type { GroupRule } from '../elsewhere/groups.ts'
import type { AskDirectory, Directory, Person } from './directory.ts'

const arrivalOf = ({ id, name, groups }: Person): Arrival => ({
  issuer: 'ldap',
  subject: id,
  name,
  groups,
  origin: 'ldap',
})

/** People of a directory have an account from their first sign-in on. */
export const askLdap =
  (database: Pick<Database, 'transaction'>, ask: AskDirectory, rules: readonly GroupRule[]): AskElsewhere =>
  async ({ user, password }) => {
    const person = await ask(user, password)
    if (person === undefined || person.name !== user.toLowerCase()) return undefined
    return arrive(database, arrivalOf(person), { create: true, rules })
  }

/**
 * Whether an account's person is still in the directory, and not another of that name; what its groups mean here holds from now
 * on. Throws unavailable while the directory can't be asked.
 */
export const lookLdap =
  (
    database: Pick<Database, 'transaction'>,
    look: NonNullable<Directory['look']>,
    rules: readonly GroupRule[],
  ): ((account: string) => Promise<boolean>) =>
  async (account) => {
    const person = await look(account)
    if (person === undefined || person.name !== account) return false
    try {
      return (await arrive(database, arrivalOf(person), { create: false, rules })) === account
    } catch (error) {
      if (hasCode(error, 'forbidden')) return false
      throw error
    }
  }
