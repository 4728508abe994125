import { readdirSync } from 'node:fs'
import { setTimes } from '@slipway/linux'
import { statOf } from './tree/disk.ts'

/** Gives what is younger than `newestNs` that time: SOURCE_DATE_EPOCH's. Symlinks are not followed. */
export const clampTimes = (path: string, newestNs: bigint, onEntry: () => void): void => {
  const stat = statOf(path)
  if (stat === undefined) return
  onEntry()
  if (stat.isDirectory()) for (const name of readdirSync(path)) clampTimes(`${path}/${name}`, newestNs, onEntry)
  if (stat.mtimeNs > newestNs) setTimes(path, { atimeNs: newestNs, mtimeNs: newestNs })
}
