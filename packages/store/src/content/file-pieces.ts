import { open } from 'node:fs/promises'
import { pieceSize } from '../workers/byte-channel.ts'

/** A file's bytes, in a buffer that is used again: whoever reads has finished with a piece when asking for the next one. */
export async function* filePieces(path: string): AsyncGenerator<Uint8Array, void, void> {
  await using file = await open(path)
  const buffer = Buffer.allocUnsafeSlow(pieceSize)
  while (true) {
    const { bytesRead } = await file.read(buffer, 0, pieceSize, null)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}

/** Enough for a piece on the wire, one in the reader's hands and one that a stream holds ready. */
const lent = 4
const lentSize = 1 << 17

/**
 * A file's bytes, in a few buffers that go round: a piece is good until the third one after it has been asked for. For
 * readers who hold that many at most and whose receiver verifies what came, as registries do.
 */
export async function* lentPieces(path: string): AsyncGenerator<Uint8Array, void, void> {
  await using file = await open(path)
  const buffers = Array.from({ length: lent }, () => Buffer.allocUnsafeSlow(lentSize))
  for (let turn = 0; ; turn = (turn + 1) % lent) {
    const buffer = buffers[turn] as Buffer
    const { bytesRead } = await file.read(buffer, 0, lentSize, null)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}
