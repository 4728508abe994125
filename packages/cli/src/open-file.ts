import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { Exit, fileProblem } from './exit.ts'

/** A file to read from. Throws Exit at once when it isn't there. */
export const openFile = async (path: string): Promise<Readable> => {
  const handle = await open(path).catch((error: unknown) => {
    throw new Exit(1, fileProblem(error, path), { cause: error })
  })
  return handle.createReadStream()
}
