import { systemVersion } from '@slipway/client'
import type { Session } from '../command.ts'
import { Exit } from '../exit.ts'

/** Refuses what other engines don't know, and would pass over or not find. Throws Exit. */
export const needSlipway = async (what: string, session: Session): Promise<void> => {
  const { Platform } = await systemVersion(await session.client())
  if (Platform?.Name !== 'Slipway') throw new Exit(1, `ERROR: ${what} needs a Slipway engine`)
}
