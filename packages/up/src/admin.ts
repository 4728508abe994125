import { randomBytes } from 'node:crypto'
import { addAccount, hasAccounts, openRegistryDatabase } from '@slipway/registry'

const passwordBytes = 12

/** Makes the account `admin` when the registry has none. Returns its password, which nobody can look up later. */
export const ensureAdmin = async (dataRoot: string): Promise<string | undefined> => {
  await using database = await openRegistryDatabase(dataRoot)
  if (await hasAccounts(database.sql)) return undefined
  const password = randomBytes(passwordBytes).toString('base64url')
  await addAccount(database.sql, 'admin', password)
  return password
}
