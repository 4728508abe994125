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
