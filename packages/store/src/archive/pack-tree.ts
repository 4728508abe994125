import { closeSync, constants } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { hasErrno, invalid, SlipwayError } from '@slipway/core'
import { O_PATH, openInRoot } from '@slipway/linux'
import { statIn } from '../layer/directories.ts'
import { fromText, inDirectory, joinNames, type RawName, splitLast, toPath } from '../layer/file-name.ts'
import { type ToPack, tarPieces } from '../layer/tar-pieces.ts'
import { type Found, openDirectory, walk } from '../layer/walk.ts'
import type { JobContext } from '../workers/job.ts'
import { clampPath } from './clamp-path.ts'

export interface PackTree {
  readonly root: string
  readonly path: string
  readonly as?: string | undefined
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
  readonly without?: readonly string[] | undefined
}

const nothingThere = (path: string) => new SlipwayError('not-found', `no such file or directory: ${path}`)

/** Where the walk starts. A slash at the end asks for the directory that a symlink leads to. */
const openTop = (root: string, path: string): { readonly fd: number; readonly name: RawName } => {
  const clamped = clampPath(path)
  const follow = clamped === '' || /(^|\/)\.?$/.test(path)
  const { parent, name } = follow ? { parent: clamped, name: '.' } : splitLast(clamped)
  try {
    return { fd: openInRoot(root, parent === '' ? '.' : toPath(parent), O_PATH | constants.O_DIRECTORY), name }
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) throw nothingThere(path)
    if (hasErrno(error, 'ENOTDIR') || hasErrno(error, 'ELOOP')) throw invalid(`not a directory: ${path}`, error)
    throw error
  }
}

function* entries(top: Found, as: RawName, without: ReadonlySet<RawName>): Generator<ToPack, void, void> {
  // As docker calls them: `/`, `/bin/`, not `//bin/`.
  const prefix = as === '/' ? '/' : joinNames(as, '')
  if (as !== '' || !top.stat.isDirectory()) yield { found: top, name: as === '/' ? '' : as }
  if (!top.stat.isDirectory()) return
  const fd = openDirectory(inDirectory(top.fd, top.name))
  try {
    for (const found of walk(fd, { skip: (path) => without.has(path) })) {
      yield { found, name: prefix + found.path }
    }
  } finally {
    closeSync(fd)
  }
}

/** A worker's job: streams a tar of what is at a path inside a root. */
export const packTree = async (
  { root, path, as, owner, without = [] }: PackTree,
  { sink, signal }: JobContext,
): Promise<void> => {
  const { fd, name } = openTop(root, path)
  try {
    const stat = statIn(fd, name)
    if (stat === undefined) throw nothingThere(path)
    const called = as === undefined ? splitLast(clampPath(path)).name : fromText(as)
    const top = { fd, name, stat, path: '' }
    for (const piece of tarPieces(entries(top, called, new Set(without.map(fromText))), { owner })) {
      signal.throwIfAborted()
      sink.append(piece)
      if (sink.full) await sink.ready()
      else await setImmediate()
    }
    sink.end()
  } finally {
    closeSync(fd)
  }
}
