import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { keptStreams } from './spares.ts'

/** The FIFOs that a spare was started with become those of its container. */
export const moveStreams = async (from: string, to: string): Promise<void> => {
  for (const name of keptStreams) await rename(join(from, name), join(to, name))
}
