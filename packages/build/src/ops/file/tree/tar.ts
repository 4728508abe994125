import { closeSync, openSync, readSync } from 'node:fs'
import { TarParser } from '@slipway/store'
import type { Node } from './node.ts'
import { entryOfHeader, PackedFile, TreeBuilder, windowSize } from './packed.ts'

/** Reads the headers of an uncompressed tar; bodies are passed over. Throws invalid where it is none. */
const readIndex = (path: string, onPiece: () => void): OpenTar => {
  const tar = new PackedFile(path)
  const builder = new TreeBuilder(tar)
  const buffer = Buffer.allocUnsafeSlow(windowSize)
  let position = 0
  const parser = new TarParser({
    entry: (header) => builder.entry(entryOfHeader(header)),
    data: (bytes) => builder.content(position + bytes.byteOffset - buffer.byteOffset),
    end: () => undefined,
  })
  const fd = openSync(path, 'r')
  try {
    for (let length = readSync(fd, buffer); length > 0; length = readSync(fd, buffer)) {
      onPiece()
      parser.push(buffer.subarray(0, length))
      position += length
    }
    parser.end()
    return { tar, top: builder.top }
  } finally {
    closeSync(fd)
  }
}

interface OpenTar {
  readonly tar: PackedFile
  readonly top: Node
}

/** A build asks for its context several times; its names are never used for another. */
let newest: OpenTar | undefined

/**
 * An uncompressed tar as a tree that was never unpacked. The index of the newest one is kept, in each thread: 30,000
 * entries take 0.1 s to read. Throws invalid for what is no tar, or leaves its root.
 */
export const openTar = ({ path }: { readonly path: string }, onPiece: () => void): Node => {
  if (newest?.tar.path !== path) newest = readIndex(path, onPiece)
  return newest.top
}

/** To be called at the end of a job: the index stays, the file doesn't. */
export const closeTar = (): void => newest?.tar.close()
