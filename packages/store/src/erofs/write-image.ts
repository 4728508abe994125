import { closeSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { BlockFile } from '../content/block-file.ts'
import type { RawName } from '../layer/file-name.ts'
import { findDirectory } from '../layer/lower-layers.ts'
import type { Usage } from '../layer/measure.ts'
import { type LayerInput, type ReadLayer, readLayer } from '../layer/unpack.ts'
import { TarParser } from '../tar/parse.ts'
import type { JobContext } from '../workers/job.ts'
import type { ImpliedDirectory } from './finish.ts'
import { blockSize, writeChecksum } from './format.ts'
import { ImageWriter } from './image-writer.ts'
import { writeOwnership } from './inode.ts'

export interface WriteImage extends LayerInput {
  /** The image, made anew. */
  readonly image: string
}

export interface WrittenImage extends ReadLayer {
  readonly usage: Usage
  /** Directories that the tar has things in, and says nothing of: see `settleImage`. */
  readonly implied: readonly ImpliedDirectory[]
}

/** Bytes of an image that go through the page cache, where what is started next finds them. */
export const mostCached = 32 << 20

/**
 * A worker's job: a layer's tar as an EROFS image, in one pass over the file, and one fsync. Left-overs of a failure are
 * the caller's to remove.
 */
export const writeImage = async ({ image, ...input }: WriteImage, context: JobContext): Promise<WrittenImage> => {
  using file = BlockFile.create(image, { mostCached })
  const writer = new ImageWriter(file)
  const parser = new TarParser(writer)
  await using behind = file.writeBehind()
  const layer = await readLayer(input, context, (chunk) => {
    parser.push(chunk)
    return file.ready()
  })
  parser.end()
  await behind.settle()
  return { ...layer, ...(await finishWritten(file, writer, dirname(image))) }
}

/** All is written but the end: brings the image to the disk, and its name in `directory`. */
export const finishWritten = async (
  file: BlockFile,
  writer: ImageWriter,
  directory: string,
): Promise<Omit<WrittenImage, keyof ReadLayer>> => {
  const { inodes, implied } = writer.finish()
  await file.sync()
  syncDirectory(directory)
  return { implied, usage: { bytes: file.usage, inodes } }
}

const syncDirectory = (path: string): void => {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

export interface SettleImage {
  readonly image: string
  /** The layers below, top first. */
  readonly lowers: readonly string[]
  readonly implied: readonly ImpliedDirectory[]
}

/** A worker's job: directories that a layer's tar doesn't mention look as they do in the layers below. */
export const settleImage = async ({ image, lowers, implied }: SettleImage): Promise<void> => {
  using file = BlockFile.open(image)
  for (const { path, offset } of implied) mend(file, offset, path, lowers)
  await file.sync()
}

const mend = (file: BlockFile, offset: number, path: RawName, lowers: readonly string[]): void => {
  const wanted = findDirectory(lowers, path)
  if (wanted === undefined) return
  // The checksum covers the root, which lies in the same block.
  const start = offset - (offset % blockSize)
  const block = file.read(start, blockSize)
  writeOwnership(block, offset - start, 'directory', {
    mode: Number(wanted.mode) & 0o7777,
    uid: Number(wanted.uid),
    gid: Number(wanted.gid),
    mtime: Number(wanted.mtimeMs) / 1000,
    mtimeNs: wanted.mtimeNs,
  })
  if (start === 0) writeChecksum(block)
  file.patch(start, block)
}
