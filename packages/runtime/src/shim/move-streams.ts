import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { keptStreams } from './spares.ts'

/** The FIFOs that a spare was started with become those of its container. */
export const moveStreams = (from: string, to: string): void => {
  for (const name of keptStreams) renameSync(join(from, name), join(to, name))
}
