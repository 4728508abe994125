import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { hasErrno } from '@slipway/core'
import { encodeHeader, tarEnd } from '../tar/encode.ts'
import { paddingOf, type TarHeader } from '../tar/header.ts'
import { pieceSize } from '../workers/byte-channel.ts'
import { type DescribeRules, Describer } from './describe.ts'
import { inDirectory, type RawName } from './file-name.ts'
import type { Found } from './walk.ts'

/** Something to pack: a file as it was found, under the name it is to have; or a header alone. */
export type ToPack = { readonly found: Found; readonly name: RawName } | { readonly header: TarHeader }

// O_NONBLOCK: a FIFO put in a file's place must not hold us up.
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Undefined when the file is gone, or is a symlink by now. */
export const openToRead = (path: string | Buffer): number | undefined => {
  try {
    return openSync(path, readFlags)
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENXIO'].some((errno) => hasErrno(error, errno))) return undefined
    throw error
  }
}

/** Collects a tar in pieces of 1 MiB, reading files straight into them. */
class TarPieces {
  #piece = Buffer.allocUnsafeSlow(pieceSize)
  #filled = 0
  readonly #describer: Describer

  constructor(rules: DescribeRules) {
    this.#describer = new Describer(rules)
  }

  *write(entry: ToPack): Generator<Buffer, void, void> {
    if ('header' in entry) {
      yield* this.#append(encodeHeader(entry.header))
      return
    }
    const header = this.#describer.describe(entry.found, entry.name)
    if (header?.type === 'file') yield* this.#writeFile(inDirectory(entry.found.fd, entry.found.name), header)
    else if (header !== undefined) yield* this.#append(encodeHeader(header))
  }

  *end(): Generator<Buffer, void, void> {
    yield* this.#append(tarEnd)
    if (this.#filled > 0) yield this.#piece.subarray(0, this.#filled)
  }

  *#writeFile(path: string | Buffer, header: TarHeader): Generator<Buffer, void, void> {
    const fd = openToRead(path)
    if (fd === undefined) return
    try {
      const stat = fstatSync(fd)
      if (!stat.isFile()) return
      yield* this.#append(encodeHeader(stat.size === header.size ? header : { ...header, size: stat.size }))
      yield* this.#copy(fd, stat.size)
      yield* this.#append(tarEnd.subarray(0, paddingOf(stat.size)))
    } finally {
      closeSync(fd)
    }
  }

  /** Exactly `size` bytes: a file that grows meanwhile is cut, one that shrinks ends in zeros. */
  *#copy(fd: number, size: number): Generator<Buffer, void, void> {
    for (let left = size; left > 0; ) {
      const room = Math.min(left, pieceSize - this.#filled)
      const got = readSync(fd, this.#piece, this.#filled, room, null)
      if (got === 0) this.#piece.fill(0, this.#filled, this.#filled + room)
      const taken = got === 0 ? room : got
      left -= taken
      this.#filled += taken
      if (this.#filled === pieceSize) yield this.#next()
    }
  }

  *#append(bytes: Buffer): Generator<Buffer, void, void> {
    for (let at = 0; at < bytes.length; ) {
      const copied = bytes.copy(this.#piece, this.#filled, at)
      at += copied
      this.#filled += copied
      if (this.#filled === pieceSize) yield this.#next()
    }
  }

  #next(): Buffer {
    const full = this.#piece
    this.#piece = Buffer.allocUnsafeSlow(pieceSize)
    this.#filled = 0
    return full
  }
}

/**
 * A tar of `entries`, in pieces. Everything is read as it is asked for, by synchronous calls: for worker threads. The
 * same tree gives the same bytes: whole seconds, no user names, hard links to the first name in the tar.
 */
export function* tarPieces(entries: Iterable<ToPack>, rules: DescribeRules = {}): Generator<Buffer, void, void> {
  const pieces = new TarPieces(rules)
  for (const entry of entries) yield* pieces.write(entry)
  yield* pieces.end()
}
