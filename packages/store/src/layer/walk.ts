import { closeSync, constants, lstatSync, openSync, readdirSync, type Stats } from 'node:fs'
import { hasErrno, invalid } from '@slipway/core'
import { inDirectory, joinNames, ofDescriptor, type RawName, toText } from './file-name.ts'

/** Something found below a directory. Good only until the next one is asked for. */
export interface Found {
  /** Below where the walk began, `/` between names. */
  readonly path: RawName
  readonly name: RawName
  /** The directory it is in. */
  readonly fd: number
  readonly stat: Stats
}

const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
const maximumDepth = 1000

/** Opened again by someone who changes the tree meanwhile: what was a directory is none now, or is gone. */
const vanished = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'ELOOP'].some((errno) => hasErrno(error, errno))

/**
 * All that is below an open directory: a directory before what is in it, names in the order of their bytes. Steps from
 * directory to directory by descriptor, so that a symlink put in a directory's place leads nowhere. Things that vanish
 * on the way are left out; `skip` leaves out more.
 */
export function* walk(
  fd: number,
  { skip, prefix = '', depth = 0 }: { skip?: (path: RawName) => boolean; prefix?: RawName; depth?: number } = {},
): Generator<Found, void, void> {
  if (depth > maximumDepth) throw invalid(`too many directories inside one another: ${toText(prefix).slice(0, 200)}`)
  for (const name of readdirSync(ofDescriptor(fd), 'latin1').sort()) {
    const path = joinNames(prefix, name)
    if (skip?.(path)) continue
    const stat = lstatSync(inDirectory(fd, name), { throwIfNoEntry: false })
    if (stat === undefined) continue
    yield { path, name, fd, stat }
    if (!stat.isDirectory()) continue
    const below = openBelow(fd, name)
    if (below === undefined) continue
    try {
      yield* walk(below, { ...(skip === undefined ? {} : { skip }), prefix: path, depth: depth + 1 })
    } finally {
      closeSync(below)
    }
  }
}

const openBelow = (fd: number, name: RawName): number | undefined => {
  try {
    return openSync(inDirectory(fd, name), flags)
  } catch (error) {
    if (vanished(error)) return undefined
    throw error
  }
}

/** Opens a directory to walk, as it is: no symlink at the end. */
export const openDirectory = (path: string | Buffer): number => openSync(path, flags)
