import { randomBytes } from 'node:crypto'
import { hasCode } from '@slipway/core'
import {
  addAccount,
  addManager,
  changePassword,
  hasAccounts,
  openRegistryDatabase,
  removeAccount,
} from '@slipway/registry'

const newPassword = (): string => randomBytes(12).toString('base64url')

/**
 * Makes the account `admin` when the registry has none. Returns its password, which nobody can look up later, and which is good
 * for one sign-in in the browser: there its person chooses another.
 */
export const ensureAdmin = async (dataRoot: string): Promise<string | undefined> => {
  await using database = await openRegistryDatabase({ dataRoot })
  if (await hasAccounts(database.sql)) return undefined
  return await addManager(database.sql, 'admin')
}

export interface Visitor extends AsyncDisposable {
  readonly name: string
  readonly password: string
}

/** An account for one voyage: disposing it takes it away. One that was left by an interrupted voyage gets a new password. */
export const makeVisitor = async (dataRoot: string): Promise<Visitor> => {
  const [name, password] = ['slipway-voyage', newPassword()]
  await using database = await openRegistryDatabase({ dataRoot })
  try {
    await addAccount(database.sql, name, password)
  } catch (error) {
    if (!hasCode(error, 'already-exists')) throw error
    await changePassword(database.sql, name, password)
  }
  const leave = async (): Promise<void> => {
    await using registry = await openRegistryDatabase({ dataRoot })
    await registry.transaction((sql) => removeAccount(sql, name))
  }
  return { name, password, [Symbol.asyncDispose]: leave }
}
