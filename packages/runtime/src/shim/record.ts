import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasErrno } from '@slipway/core'
import type { ShimAddress } from './connection.ts'

const fileName = 'shim.json'

/**
 * Where a shim listens, in its own directory, so that the next daemon finds it. The directory is in /run: it has to survive a
 * crash of ours, not one of the machine, so there is no fsync.
 */
export const writeRecord = async (directory: string, { socket, version }: ShimAddress): Promise<void> => {
  const draft = join(directory, `${fileName}.new`)
  await writeFile(draft, JSON.stringify({ socket, version }), { mode: 0o600 })
  await rename(draft, join(directory, fileName))
}

/** Undefined when no shim was ever started there. */
export const readRecord = async (directory: string): Promise<ShimAddress | undefined> => {
  try {
    return JSON.parse(await readFile(join(directory, fileName), 'utf8')) as ShimAddress
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ENOTDIR')) return undefined
    throw error
  }
}
