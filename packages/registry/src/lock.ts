import { join } from 'node:path'
import { conflict } from '@slipway/core'
import { openSqlite } from '@slipway/database'

/**
 * Takes the data root for this process: two would write into one another's uploads. The lock is a transaction that stays
 * open, so that it ends with the process, however that ends. Throws conflict while another process has it.
 */
export const lockDataRoot = async (dataRoot: string): Promise<AsyncDisposable> => {
  const lock = await openSqlite(join(dataRoot, 'lock.db'))
  const taken = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  await lock.sql`PRAGMA busy_timeout = 0`
  const holding = lock.transaction(async () => {
    taken.resolve()
    await released.promise
  })
  const [outcome] = await Promise.allSettled([Promise.race([taken.promise, holding])])
  const release = async (): Promise<void> => {
    released.resolve()
    await holding.catch(() => undefined)
    await lock[Symbol.asyncDispose]()
  }
  if (outcome.status === 'fulfilled') return { [Symbol.asyncDispose]: release }
  await release()
  throw conflict(`another registry is using ${dataRoot}`)
}
