import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Database, hasErrno, type Logger } from '@slipway/core'
import { anonymousLabels, isVolumeName, saveVolume, type VolumeRecord } from './records.ts'

/**
 * Makes rows and directories agree after a crash: what was being removed or copied is cleared away, a directory that was
 * never made is made. One without a row becomes a volume again, as with docker: whoever loses the database keeps the data.
 */
export const sweepVolumes = async (
  parts: { readonly root: string; readonly database: Database; readonly logger: Logger },
  known: readonly VolumeRecord[],
): Promise<readonly VolumeRecord[]> => {
  const { root, database, logger } = parts
  await mkdir(root, { recursive: true, mode: 0o701 })
  const found = await readdir(root)
  for (const name of found.filter((name) => name.startsWith('.gone-'))) {
    await rm(join(root, name), { recursive: true, force: true })
  }
  for (const { name } of known) {
    await makeDirectories(join(root, name))
    await rm(join(root, name, '_copy'), { recursive: true, force: true })
  }
  const names = new Set(known.map(({ name }) => name))
  const adopted: VolumeRecord[] = []
  for (const name of found.filter((name) => isVolumeName(name) && !names.has(name))) {
    const data = await stat(join(root, name, '_data')).catch(() => undefined)
    if (!data?.isDirectory()) continue
    const labels = /^[0-9a-f]{64}$/.test(name) ? anonymousLabels : {}
    const volume: VolumeRecord = { name, labels, options: {}, createdAt: data.birthtime.toISOString() }
    await saveVolume(database, volume)
    adopted.push(volume)
    logger.warn({ volume: name }, 'a volume that was not in the database is there again')
  }
  return [...known, ...adopted]
}

/** A volume's directory, and the one in it where the files are. Never looks at what may be mounted there: it might not answer. */
export const makeDirectories = async (directory: string): Promise<void> => {
  await mkdir(directory, { mode: 0o701 }).catch(unlessThere)
  await mkdir(join(directory, '_data'), { mode: 0o755 }).catch(unlessThere)
}

const unlessThere = (error: unknown): void => {
  if (!hasErrno(error, 'EEXIST')) throw error
}
