import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { hasErrno } from '@slipway/core'
import { alignedMemory, cachedBytes, directBlock } from '@slipway/linux'
import { pieceSize } from '../workers/byte-channel.ts'

/** Bytes: smaller files are read through the page cache. */
const smallestDirect = 4 << 20

/** What is large and not in the page cache is read around it: see `DirectFile`. Undefined where that can't be. */
const openDirect = async (path: string, { fd }: FileHandle, size: number): Promise<FileHandle | undefined> => {
  if (size < smallestDirect || (cachedBytes(fd) ?? size) > size / 2) return undefined
  try {
    return await open(path, constants.O_RDONLY | constants.O_DIRECT)
  } catch (error) {
    if (hasErrno(error, 'EINVAL')) return undefined
    throw error
  }
}

interface Ring {
  /** Of each piece: a multiple of `directBlock`. */
  readonly length: number
  /** Buffers that go round, at least two: one is filled while the reader has those before. */
  readonly count: number
}

/** A file's bytes, with the next piece being read while the reader works on one. */
async function* piecesOf(path: string, { length, count }: Ring): AsyncGenerator<Uint8Array, void, void> {
  await using file = await open(path)
  const { size } = await file.stat()
  await using direct = await openDirect(path, file, size)
  const buffers = Array.from({ length: count }, () => alignedMemory(length))
  const read = async (turn: number, at: number): Promise<Uint8Array> => {
    const buffer = buffers[turn % count] as Uint8Array
    const from = at % directBlock === 0 ? (direct ?? file) : file
    const { bytesRead } = await from.read(buffer, 0, length, at)
    return buffer.subarray(0, bytesRead)
  }
  let reading = read(0, 0)
  try {
    for (let turn = 1, at = 0; ; turn += 1) {
      const piece = await reading
      if (piece.length === 0) return
      at += piece.length
      // At the end there is nothing to ask for, in a length that a disk would take.
      reading = at < size ? read(turn, at) : Promise.resolve(piece.subarray(0, 0))
      yield piece
    }
  } finally {
    await reading.catch(() => undefined)
  }
}

/** A file's bytes, in buffers that are used again: whoever reads has finished with a piece when asking for the next one. */
export const filePieces = (path: string): AsyncGenerator<Uint8Array, void, void> =>
  piecesOf(path, { length: pieceSize, count: 2 })

/**
 * A file's bytes, in a few buffers that go round: a piece is good until the third one after it has been asked for: enough
 * for one on the wire, one in the reader's hands and one that a stream holds ready. For readers who hold that many at most
 * and whose receiver verifies what came, as registries do.
 */
export const lentPieces = (path: string): AsyncGenerator<Uint8Array, void, void> =>
  piecesOf(path, { length: 1 << 17, count: 4 })
