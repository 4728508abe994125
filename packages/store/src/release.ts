import type { Bytes } from '@slipway/core'

/** Smaller ones die young, and cost nothing. */
const smallest = 4096

/**
 * Gives a piece's memory back at once, if it is all there is in its buffer. Memory outside of V8's heap makes it collect
 * after each 20 MB that pass by, and mark everything: without this, a third of the processor's time of a pull.
 */
export const release = ({ buffer, byteOffset, byteLength }: Uint8Array): void => {
  if (byteLength < smallest || byteOffset !== 0 || byteLength !== buffer.byteLength) return
  ;(buffer as ArrayBuffer).transfer(0)
}

/**
 * The same pieces, for a reader that has finished with one when it asks for the next. Only of a source that gives them away,
 * as connections do: nobody has their bytes any more afterwards.
 */
export async function* releasing(bytes: Bytes): AsyncGenerator<Uint8Array, void, void> {
  for await (const piece of bytes) {
    yield piece
    release(piece)
  }
}
