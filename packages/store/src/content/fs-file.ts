import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import type { ByteRange } from '@slipway/core'
import { resolveRange } from './range.ts'

/** Several readers may hold several pieces each. */
const readSize = 1 << 18

/** Makes the names in a directory last: after a rename the directory must reach the disk too. */
export const syncDirectory = async (path: string): Promise<void> => {
  await using directory = await open(path)
  await directory.sync()
}

/** The mode of what is finished: nobody writes to it. */
export const readOnly = 0o444

/** Makes a finished and fsynced file visible under its name. */
export const installFile = async (path: string, target: string): Promise<void> => {
  await rename(path, target)
  await syncDirectory(dirname(target))
}

/** A file's bytes, or a part of them. Throws as `open()` does when it isn't there, invalid for a start beyond the end. */
export const readFileRange = async (path: string, range?: ByteRange): Promise<Readable> => {
  const file = await open(path)
  try {
    const { start, end } = resolveRange((await file.stat()).size, range)
    if (start < end) return file.createReadStream({ start, end: end - 1, highWaterMark: readSize })
    await file.close()
    return Readable.from([], { objectMode: false })
  } catch (error) {
    await file.close()
    throw error
  }
}
