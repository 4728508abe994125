import { lstat, realpath, stat } from 'node:fs/promises'
import { join, posix, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type EngineClient, readContainerPath, statContainerPath, unpackTo } from '@slipway/client'
import type { Session } from '../command.ts'
import { warnLine } from '../terminal/console.ts'
import { asksForContents, assertsDirectory, baseName, type Destination, placeCopy } from './copy-operand.ts'

export interface CopyOutRequest {
  readonly container: string
  readonly path: string
  /** A local path, or `-` for stdout. */
  readonly to: string
  readonly archive: boolean
  readonly followLink: boolean
}

const directoryBit = 2 ** 31
const linkBit = 2 ** 27

export const isDirectoryMode = (mode: number): boolean => mode >= directoryBit
export const isLinkMode = (mode: number): boolean => (mode & linkBit) !== 0

/** A path here, its symlink at the end followed. */
const localDestination = async (path: string): Promise<Destination> => {
  const slash = assertsDirectory(path) ? '/' : ''
  try {
    const isDirectory = (await stat(path)).isDirectory()
    return { path: (await realpath(path)) + (isDirectory ? '' : slash), kind: isDirectory ? 'directory' : 'other' }
  } catch {
    const known = await lstat(path).catch(() => undefined)
    // A dangling symlink is replaced by what is copied.
    return { path: resolve(path) + (known === undefined ? slash : ''), kind: undefined }
  }
}

/** The path to be read, and the name its last part had before a symlink was followed. */
const sourceOf = async (
  client: EngineClient,
  { container, path, followLink }: CopyOutRequest,
): Promise<{ readonly path: string; readonly name: string }> => {
  const name = baseName(path)
  const found = followLink ? await statContainerPath(client, container, path) : undefined
  if (found === undefined || !isLinkMode(found.mode)) return { path, name }
  return { path: posix.resolve('/', posix.dirname(path), found.linkTarget), name }
}

/** Copies out of a container; returns what is to be told afterwards. */
export const copyOut = async (
  { console }: Session,
  client: EngineClient,
  request: CopyOutRequest,
): Promise<{ readonly bytes: number; readonly to: string } | undefined> => {
  const source = await sourceOf(client, request)
  const { stat: found, tar } = await readContainerPath(client, request.container, source.path)
  if (request.to === '-') {
    await pipeline(tar, console.stdout, { end: false })
    return undefined
  }
  let bytes = 0
  tar.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  tar.pause()
  try {
    const destination = await localDestination(request.to)
    const { directory, name } = placeCopy({ ...source, isDirectory: isDirectoryMode(found.mode) }, destination)
    if (!(await isDirectory(directory))) {
      throw new Error(`invalid output path: directory "${directory}" does not exist`)
    }
    const contents = asksForContents(source.path) || posix.normalize(source.path) === '/'
    const target = contents && destination.kind === 'directory' ? directory : join(directory, name)
    const leftOut = await unpackTo(tar, target, { owners: request.archive, contents })
    for (const path of leftOut) warnLine(console, `${path}: devices and FIFOs are not copied`)
    return { bytes, to: resolve(request.to) }
  } finally {
    tar.destroy()
  }
}

const isDirectory = async (path: string): Promise<boolean> =>
  await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
