import type { GrpcClient } from '@slipway/buildkit/client'
import type { Session } from '../command.ts'
import { Exit } from '../exit.ts'
import { onInterrupt } from '../terminal/interrupt.ts'
import { openBuildKit } from './connection.ts'

/** Asks the builder something, over a connection that is closed afterwards. Throws Exit. */
export const withBuildKit = async <T>(
  session: Session,
  work: (buildkit: GrpcClient, signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const client = await session.client()
  if (!client.hasBuildKit) throw new Exit(1, 'ERROR: this engine does not offer BuildKit')
  using interrupt = onInterrupt()
  using buildkit = await openBuildKit(client)
  try {
    return await work(buildkit, interrupt.signal)
  } catch (error) {
    if (error instanceof Exit) throw error
    throw new Exit(1, `ERROR: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}
