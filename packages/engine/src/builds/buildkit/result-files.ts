import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { resolveInRoot, viewLayers } from '@slipway/build'
import { type SentStat, statPath } from '@slipway/buildkit'
import { hasErrno, invalid, matchesWhole, parseFilepathPattern, SlipwayError } from '@slipway/core'
import type { Reference } from './job.ts'
import type { BuildKit } from './room.ts'

/** No answer is larger. Bytes. */
const mostBytes = 12 << 20

/** Lets `body` look at one path of a result, as it would be found with the result as root. */
const look = async <T>(
  { worker }: BuildKit,
  reference: Reference,
  path: string,
  { followLast }: { readonly followLast: boolean },
  body: (path: string) => Promise<T>,
): Promise<T> => {
  const { config } = await reference.evaluate()
  return viewLayers(config.rootfs.diff_ids, worker, async (root) => {
    try {
      return await body(resolveInRoot(root, path, { followLast }))
    } catch (error) {
      if (!hasErrno(error, 'ENOENT') && !hasErrno(error, 'ENOTDIR')) throw error
      throw new SlipwayError('not-found', `open ${path}: no such file or directory`, { cause: error })
    }
  })
}

export const readFilePart = (
  room: BuildKit,
  reference: Reference,
  path: string,
  range: { readonly offset: number; readonly length: number } | undefined,
): Promise<Uint8Array> =>
  look(room, reference, path, { followLast: true }, async (found) => {
    if (!(await lstat(found)).isFile()) throw invalid(`${path} is not a file`)
    await using file = await open(found)
    const { size } = await file.stat()
    const offset = Math.min(range?.offset ?? 0, size)
    const length = Math.min(range?.length || size, size - offset)
    if (offset < 0 || length > mostBytes) throw invalid(`${path} is larger than ${mostBytes} bytes`)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset)
    return buffer.subarray(0, bytesRead)
  })

export const statFile = (room: BuildKit, reference: Reference, path: string): Promise<SentStat | undefined> =>
  look(room, reference, path, { followLast: false }, async (found) => statPath(found, path.replace(/^\/+/, '')))

/** What is in a directory, in order; `pattern` is for names. */
export const listDirectory = (
  room: BuildKit,
  reference: Reference,
  path: string,
  pattern: string,
): Promise<readonly SentStat[]> =>
  look(room, reference, path, { followLast: true }, async (found) => {
    const tokens = parseFilepathPattern(pattern)
    const names = (await readdir(found)).filter((name) => pattern === '' || matchesWhole(tokens, name)).sort()
    const stats = names.map((name) => statPath(join(found, name), name))
    return stats.filter((stat) => stat !== undefined)
  })
