import { closeSync, constants } from 'node:fs'
import { hasErrno, invalid, SlipwayError } from '@slipway/core'
import { O_PATH, openInRoot } from '@slipway/linux'
import { decompressPieces } from '../compress/decompress.ts'
import { toPath } from '../layer/file-name.ts'
import { TreeWriter } from '../layer/tree-writer.ts'
import { type TarLimits, TarParser, type TarSink } from '../tar/parse.ts'
import type { JobContext } from '../workers/job.ts'
import { clampPath } from './clamp-path.ts'

export interface UnpackTree {
  readonly root: string
  readonly path: string
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
  readonly create: boolean
  readonly keepKinds: boolean
  readonly keepTop: boolean
  readonly limits?: TarLimits | undefined
}

const requireDirectory = (root: string, path: string, create: boolean): void => {
  const clamped = clampPath(path)
  try {
    closeSync(openInRoot(root, clamped === '' ? '.' : toPath(clamped), O_PATH | constants.O_DIRECTORY))
  } catch (error) {
    if (hasErrno(error, 'ENOTDIR') || hasErrno(error, 'ELOOP')) throw invalid(`not a directory: ${path}`, error)
    if (!hasErrno(error, 'ENOENT')) throw error
    if (!create) throw new SlipwayError('not-found', `no such directory: ${path}`)
  }
}

/** What the tar says of the directory that it is unpacked into is left out. */
const withoutTop = (sink: TarSink): TarSink => {
  let isTop = false
  return {
    entry(header) {
      isTop = /^(?:\.?\/)*\.?$/.test(header.name.toString('latin1'))
      if (!isTop) sink.entry(header)
    },
    data(bytes) {
      if (!isTop) sink.data(bytes)
    },
    hole(length) {
      if (!isTop) sink.hole?.(length)
    },
    end() {
      if (!isTop) sink.end()
    },
  }
}

/** A worker's job: unpacks the tar that streams in. */
export const unpackTree = async (
  { root, path, owner, create, keepKinds, keepTop, limits }: UnpackTree,
  { source, signal }: JobContext,
): Promise<void> => {
  requireDirectory(root, path, create)
  using writer = new TreeWriter(root, { whiteouts: 'plain', owner, keepKinds }, clampPath(path))
  const parser = new TarParser(keepTop ? withoutTop(writer) : writer, limits)
  if (create) writer.makeBase()
  for await (const chunk of decompressPieces(source)) {
    signal.throwIfAborted()
    parser.push(chunk)
  }
  parser.end()
  writer.finish()
}
