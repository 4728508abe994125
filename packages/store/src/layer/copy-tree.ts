import { closeSync, fstatSync, lstatSync, readSync } from 'node:fs'
import { syncFileSystem } from '@slipway/linux'
import { tarHeader } from '../tar/header.ts'
import { pieceSize } from '../workers/byte-channel.ts'
import type { JobContext } from '../workers/job.ts'
import { Describer } from './describe.ts'
import { inDirectory } from './file-name.ts'
import { openToRead } from './tar-pieces.ts'
import { TreeWriter } from './tree-writer.ts'
import { openDirectory, walk } from './walk.ts'

/** A worker's job: copies a tree into a directory, with owners, times, hard links, devices and attributes. */
export const copyTree = async (
  { from, to, sync = false }: { readonly from: string; readonly to: string; readonly sync?: boolean },
  { signal }: JobContext,
): Promise<void> => {
  const source = openDirectory(from)
  const buffer = Buffer.allocUnsafeSlow(pieceSize)
  using writer = new TreeWriter(to, { whiteouts: 'plain' })
  const describer = new Describer()
  try {
    const { mode, uid, gid, mtimeNs } = fstatSync(source, { bigint: true })
    const numbers = { mode: Number(mode) & 0o7777, uid: Number(uid), gid: Number(gid), mtimeNs }
    writer.entry(tarHeader({ name: './', type: 'directory', ...numbers }))
    for (const found of walk(source)) {
      signal.throwIfAborted()
      const header = describer.describe(found, found.path)
      if (header === undefined) continue
      const { mtimeNs } = lstatSync(inDirectory(found.fd, found.name), { bigint: true })
      writer.entry({ ...header, mtimeNs })
      if (header.type === 'file') copyBody(inDirectory(found.fd, found.name), buffer, writer)
      writer.end()
    }
    writer.finish()
    if (sync) syncFileSystem(to)
  } finally {
    closeSync(source)
  }
}

const copyBody = (path: string | Buffer, buffer: Buffer, writer: TreeWriter): void => {
  const fd = openToRead(path)
  if (fd === undefined) return
  try {
    for (let got = readSync(fd, buffer); got > 0; got = readSync(fd, buffer)) writer.data(buffer.subarray(0, got))
  } finally {
    closeSync(fd)
  }
}
