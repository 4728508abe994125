import { closeSync, constants, lstatSync, opendirSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { posix } from 'node:path'
import type { DirectoryListing, FileEntry } from '@slipway/client'
import { hasErrno, invalid } from '@slipway/core'
import { type ApiRequest, sendJson } from '@slipway/http'
import { O_PATH, openInRoot } from '@slipway/linux'
import type { ContainerRoom } from '../room.ts'
import { askedFile } from './path.ts'
import { goMode, resolveInRoot } from './path-stat.ts'
import { withRoot } from './root.ts'

/** A directory can have millions: no more of its names are read, and no more of those told. */
const mostNames = 20_000
const mostEntries = 5000

/** undefined: it went while we looked. */
const entryOf = (directory: string, name: string): Omit<FileEntry, 'linkTarget'> | undefined => {
  try {
    const { mode, size, mtime, uid, gid } = lstatSync(posix.join(directory, name))
    return { name, mode: goMode(mode), size, mtime: mtime.toISOString(), uid, gid }
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

const linkBit = 2 ** 27

/** In order; of a directory with more than are read, those that came first. */
const namesIn = (directory: string): readonly string[] => {
  using open = opendirSync(directory)
  const names: string[] = []
  for (let entry = open.readSync(); entry !== null && names.length < mostNames; entry = open.readSync()) {
    names.push(entry.name)
  }
  return names.sort()
}

/** What is in a directory of `root`, symlinks on the way kept inside; undefined when there is no such path. */
const listDirectory = (root: string, path: string): DirectoryListing | undefined => {
  try {
    const fd = openInRoot(root, path, constants.O_RDONLY | constants.O_DIRECTORY | O_PATH)
    try {
      const directory = `/proc/self/fd/${fd}/`
      const names = namesIn(directory)
      const entries = names
        .slice(0, mostEntries)
        .map((name) => entryOf(directory, name))
        .filter((entry) => entry !== undefined)
        .map((entry) => ({
          ...entry,
          linkTarget:
            Math.floor(entry.mode / linkBit) % 2 === 1 ? resolveInRoot(root, posix.join(path, entry.name)) : '',
        }))
      return { path: resolveInRoot(root, path), entries, total: names.length }
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined
    if (hasErrno(error, 'ENOTDIR')) throw invalid(`${path} is not a directory`)
    if (hasErrno(error, 'ELOOP')) throw invalid(`too many levels of symbolic links: ${path}`, error)
    throw error
  }
}

/** `GET /containers/{id}/files?path=/etc`, ours alone: what is in a directory, also of a container that doesn't run. */
export const sendListing = async (
  room: ContainerRoom,
  request: ApiRequest,
  response: ServerResponse,
): Promise<void> => {
  const { path, record, missing } = askedFile(room, request)
  const listing = await withRoot(room, record.id, async (root) => listDirectory(root, path))
  if (listing === undefined) throw missing()
  sendJson(response, 200, listing)
}
