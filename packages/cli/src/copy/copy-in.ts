import { lstat, realpath, stat } from 'node:fs/promises'
import { posix, resolve } from 'node:path'
import { type EngineClient, inspectContainer, packPath, statContainerPath, writeContainerPath } from '@slipway/client'
import type { Session } from '../command.ts'
import { assertsDirectory, baseName, type Destination, placeCopy } from './copy-operand.ts'
import { isDirectoryMode, isLinkMode } from './copy-out.ts'

export interface CopyInRequest {
  /** A local path, or `-` for a tar from stdin. */
  readonly from: string
  readonly container: string
  readonly path: string
  readonly archive: boolean
  readonly followLink: boolean
  /** Who gets what is copied; undefined: whoever has it here. */
  readonly user: string | undefined
}

const destinationOf = async (client: EngineClient, { container, path }: CopyInRequest): Promise<Destination> => {
  const found = await statContainerPath(client, container, path)
  // Without the container this says so, in the engine's words.
  if (found === undefined) await inspectContainer(client, container)
  if (found === undefined || !isLinkMode(found.mode)) return { path, kind: kindOf(found?.mode) }
  const target = posix.resolve('/', posix.dirname(path), found.linkTarget)
  return { path: target, kind: kindOf((await statContainerPath(client, container, target))?.mode) }
}

const kindOf = (mode: number | undefined): Destination['kind'] => {
  if (mode === undefined) return undefined
  return isDirectoryMode(mode) ? 'directory' : 'other'
}

async function* counted(tar: AsyncIterable<Uint8Array>, count: (bytes: number) => void): AsyncIterable<Uint8Array> {
  for await (const chunk of tar) {
    count(chunk.length)
    yield chunk
  }
}

/** What is to be packed, under the name it was asked for by. A slash at the end follows a symlink, as `-L` does. */
const localSource = async (
  from: string,
  followLink: boolean,
): Promise<{ readonly path: string; readonly name: string; readonly isDirectory: boolean }> => {
  const follow = followLink || assertsDirectory(from)
  const stats = await (follow ? stat(from) : lstat(from)).catch((error: NodeJS.ErrnoException) => {
    throw new Error(error.code === 'ENOENT' ? `lstat ${resolve(from)}: no such file or directory` : error.message)
  })
  if (assertsDirectory(from) && !stats.isDirectory()) throw new Error('not a directory')
  const path = follow ? await realpath(from) : resolve(from)
  const name = from.endsWith('..') ? '.' : baseName(from)
  return { path, name, isDirectory: stats.isDirectory() }
}

/** Copies into a container; returns what is to be told afterwards. */
export const copyIn = async (
  { console }: Session,
  client: EngineClient,
  request: CopyInRequest,
): Promise<{ readonly bytes: number; readonly to: string } | undefined> => {
  const { container, from, archive: asUser, user } = request
  const options = { keepKinds: true, asUser, ...(user === undefined ? {} : { user }) }
  if (from === '-') {
    const { path, kind } = await destinationOf(client, request)
    if (kind !== 'directory') throw new Error(`destination "${container}:${request.path}" must be a directory`)
    await writeContainerPath(client, container, path, console.stdin, options)
    return undefined
  }
  const source = await localSource(from, request.followLink)
  const destination = await destinationOf(client, request)
  const { directory, name } = placeCopy(source, destination)
  let bytes = 0
  const tar = counted(packPath(source.path, name === '/' ? '.' : name), (length) => {
    bytes += length
  })
  await writeContainerPath(client, container, directory, tar, options)
  return { bytes, to: `${container}:${destination.path}` }
}
