import { type Database, SlipwayError, type Sql } from '@slipway/core'
import { type AccountOrigin, addHashedAccount } from '../../accounts/records.ts'
import { isNameFree } from '../../projects/records.ts'
import { followGroups, type GroupRule } from './groups.ts'
import { findLinked, type Identity, linkIdentity } from './identities.ts'

/** Somebody of whom a directory or a provider has said who it is. */
export interface Arrival extends Identity {
  /** The account's name, if one is to be made. */
  readonly name: string
  readonly groups: readonly string[]
  readonly origin: Exclude<AccountOrigin, 'local'>
}

export interface Welcome {
  /** Whether who comes for the first time gets an account. */
  readonly create: boolean
  readonly rules: readonly GroupRule[]
}

/** What the page says to each. */
export type WhyNot = 'unknown' | 'taken'

export const refusal = (why: WhyNot): SlipwayError =>
  why === 'unknown'
    ? new SlipwayError('forbidden', 'there is no account for you here: ask who manages the registry', {
        detail: { why },
      })
    : new SlipwayError(
        'forbidden',
        'somebody else has the account of your name here: if it is you, sign in with its password and link the two',
        {
          detail: { why },
        },
      )

/** Nobody takes an account over by its name alone, nor what lies under that name. */
const makeFor = async (sql: Sql, arrival: Arrival): Promise<string> => {
  const { name, origin } = arrival
  const taken = await sql`SELECT 1 FROM account WHERE lower(name) = ${name.toLowerCase()}`
  if (taken.length > 0 || !(await isNameFree(sql, name))) throw refusal('taken')
  await addHashedAccount(sql, name, '', [], origin)
  await linkIdentity(sql, arrival, name, name)
  return name
}

/**
 * The account of who arrives; made at the first time, where that is wanted. What its groups mean here holds from now on. Throws
 * forbidden.
 */
export const arrive = async (
  database: Pick<Database, 'transaction'>,
  arrival: Arrival,
  { create, rules }: Welcome,
): Promise<string> => {
  const once = (): Promise<string> =>
    database.transaction(async (sql) => {
      const known = await findLinked(sql, arrival)
      if (known === undefined && !create) throw refusal('unknown')
      const account = known ?? (await makeFor(sql, arrival))
      await followGroups(sql, account, rules, arrival.groups)
      await sql`UPDATE account SET confirmed_at = ${new Date()} WHERE name = ${account}`
      return account
    })
  try {
    return await once()
  } catch (error) {
    // Perhaps another request of the same person was quicker to make it.
    const isTaken =
      error instanceof SlipwayError && (error.code === 'already-exists' || error.detail['why'] === 'taken')
    if (!isTaken) throw error
    return once()
  }
}
