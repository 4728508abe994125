import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bundle, hasErrno } from '@slipway/core'
import type { ShimAddress } from './connection.ts'

/** What a bundle says about its shim, so that the next daemon finds it. */
export interface ShimRecord extends ShimAddress {
  /** The id the shim was started with. */
  readonly shimId: string
}

const nameOf = (bundle: Bundle): string => join(bundle.path, 'shim.json')

/** Bundles lie in /run: they have to survive a crash of ours, not one of the machine, so there is no fsync. */
export const writeRecord = async (bundle: Bundle, record: ShimRecord): Promise<void> => {
  const draft = `${nameOf(bundle)}.new`
  await writeFile(draft, JSON.stringify(record), { mode: 0o600 })
  await rename(draft, nameOf(bundle))
}

/** Undefined when no shim was ever started for the bundle. */
export const readRecord = async (bundle: Bundle): Promise<ShimRecord | undefined> => {
  try {
    return JSON.parse(await readFile(nameOf(bundle), 'utf8')) as ShimRecord
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined
    throw error
  }
}
