import { invalid } from '@slipway/core'

const frameMagic = 0xfd2fb528
const skippableMagic = 0x184d2a50

type Next =
  /** Pass these many bytes on, or drop them. */
  | { readonly take: number; readonly drop: boolean; readonly after: 'block' | 'checksum' | 'frame' }
  /** Not enough bytes to tell. */
  | undefined

/** Bytes of a frame's header, from its descriptor (RFC 8878, 3.1.1.1). */
const frameHeaderLength = (descriptor: number): number => {
  const singleSegment = (descriptor & 0x20) !== 0
  const contentSize = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] as number
  const dictionaryId = [0, 1, 2, 4][descriptor & 3] as number
  return 4 + 1 + (singleSegment ? 0 : 1) + dictionaryId + contentSize
}

/** Follows the outline of a zstd stream (RFC 8878, 3.1), without decompressing anything. */
class Outline {
  #state: 'frame' | 'block' | 'checksum' = 'frame'
  #hasChecksum = false

  get between(): boolean {
    return this.#state === 'frame'
  }

  /** What the bytes at hand begin with. */
  next(bytes: Buffer): Next {
    const next = this.#look(bytes)
    if (next !== undefined) this.#state = next.after
    return next
  }

  #look(bytes: Buffer): Next {
    if (this.#state === 'frame') return this.#frame(bytes)
    return this.#state === 'block' ? this.#block(bytes) : { take: 4, drop: false, after: 'frame' }
  }

  #frame(bytes: Buffer): Next {
    if (bytes.length < 8) return undefined
    const magic = bytes.readUInt32LE(0)
    if ((magic & ~0xf) >>> 0 === skippableMagic) return { take: 8 + bytes.readUInt32LE(4), drop: true, after: 'frame' }
    if (magic !== frameMagic) throw invalid('invalid zstd data: no frame where one must begin')
    const descriptor = bytes[4] as number
    this.#hasChecksum = (descriptor & 4) !== 0
    return { take: frameHeaderLength(descriptor), drop: false, after: 'block' }
  }

  #block(bytes: Buffer): Next {
    if (bytes.length < 3) return undefined
    const header = bytes.readUIntLE(0, 3)
    const isLast = (header & 1) !== 0
    const isRepeated = ((header >> 1) & 3) === 1
    const take = 3 + (isRepeated ? 1 : header >> 3)
    return { take, drop: false, after: isLast ? (this.#hasChecksum ? 'checksum' : 'frame') : 'block' }
  }
}

/**
 * The same bytes in chunks that end where a frame ends, without skippable frames: Node 24's decompressor drops
 * what follows a frame in one chunk, and takes the end of the data in the middle of a frame for its end. Layers of many
 * frames are common: pzstd and zstd:chunked make them. Throws invalid where frames are cut short.
 */
export async function* splitFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, void> {
  const outline = new Outline()
  let rest: Buffer = Buffer.alloc(0)
  let left = 0
  let drop = false
  for await (const chunk of source) {
    const bytes =
      rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length) : Buffer.concat([rest, chunk])
    let at = 0
    let begin = 0
    while (at < bytes.length) {
      if (left === 0) {
        const next = outline.next(bytes.subarray(at))
        if (next === undefined) break
        left = next.take
        drop = next.drop
      }
      const taken = Math.min(left, bytes.length - at)
      left -= taken
      at += taken
      if (drop) begin = at
      else if (left === 0 && outline.between) {
        yield bytes.subarray(begin, at)
        begin = at
      }
    }
    if (at > begin) yield bytes.subarray(begin, at)
    // A copy: the source may use its buffer again.
    rest = Buffer.from(bytes.subarray(at))
  }
  if (left > 0 || rest.length > 0 || !outline.between) throw invalid('invalid zstd data: unexpected end')
}
