import { availableParallelism } from 'node:os'
import { constants, crc32, createDeflateRaw, type ZlibOptions } from 'node:zlib'
import type { Bytes } from '@slipway/core'
import { type BlockDeflater, openDeflater } from '@slipway/linux'

/** Part of the format: the same for every number of processors, or the same bytes would give another gzip. */
const blockSize = 1 << 19
/** What a block may refer back to in the one before (RFC 1951, section 2). */
const windowSize = 1 << 15
/**
 * zlib's, where the machine hasn't got ISA-L. Of 40 MB of programs -6 makes 38.0 % in 0.75 s of a core, -4 makes 39.0 % in
 * 0.46 s, -3 makes 39.9 % in 0.39 s, -1 makes 41.2 % in 0.31 s; of text -1 takes an eighth of the time of -6, and a twentieth
 * more room.
 */
const defaultLevel = 1
/** Blocks under way at once: one waits while each processor has one. */
const ahead = Math.min(5, availableParallelism() + 1)

/** No name, no time, Unix: the same bytes always give the same gzip (RFC 1952, section 2.3). */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])
/** A last, empty block with fixed codes. */
const lastBlock = Buffer.from([3, 0])

interface Block {
  readonly bytes: Buffer
  /** The end of the block before; a copy, so that its memory can be used again. */
  readonly dictionary: Buffer | undefined
}

/** See `openDeflater()`. */
type OpenDeflater = () => BlockDeflater | undefined

/** Memory that comes back: a garbage collector would see it late. */
class Spare {
  readonly #blocks: Buffer[] = []
  readonly #dictionaries: Buffer[] = []
  readonly #deflaters: BlockDeflater[] = []
  readonly #open: OpenDeflater | undefined

  constructor(open: OpenDeflater | undefined) {
    this.#open = open
  }

  block(): Buffer {
    return this.#blocks.pop() ?? Buffer.allocUnsafeSlow(blockSize)
  }

  /** With the end of a block. */
  dictionary(bytes: Buffer): Buffer {
    const dictionary = this.#dictionaries.pop() ?? Buffer.allocUnsafeSlow(windowSize)
    bytes.copy(dictionary, 0, blockSize - windowSize)
    return dictionary
  }

  /** Undefined: zlib does it. */
  takeDeflater(): BlockDeflater | undefined {
    return this.#deflaters.pop() ?? this.#open?.()
  }

  giveDeflater(deflater: BlockDeflater): void {
    this.#deflaters.push(deflater)
  }

  give({ bytes, dictionary }: Block): void {
    if (bytes.length === blockSize) this.#blocks.push(bytes)
    if (dictionary !== undefined) this.#dictionaries.push(dictionary)
  }
}

/** Cuts into blocks, in memory that comes back through `spare`. */
async function* blocksOf(source: Bytes, spare: Spare): AsyncGenerator<Block, void, void> {
  let dictionary: Buffer | undefined
  let bytes: Buffer | undefined
  let filled = 0
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      bytes ??= spare.block()
      const part = chunk.subarray(at, at + blockSize - filled)
      bytes.set(part, filled)
      filled += part.length
      at += part.length
      if (filled < blockSize) continue
      const next = spare.dictionary(bytes)
      yield { bytes, dictionary }
      dictionary = next
      bytes = undefined
      filled = 0
    }
  }
  if (bytes !== undefined) yield { bytes: bytes.subarray(0, filled), dictionary }
}

/** Gives a piece's memory back at once (see `releasing()`): it is a part of a buffer that nothing else is in. */
const release = ({ buffer }: Buffer): void => void (buffer as ArrayBuffer).transfer(0)

/** Pieces that lie one behind the other in one buffer are one; others are copied. */
const join = (pieces: readonly Buffer[]): Buffer => {
  const [first = Buffer.alloc(0)] = pieces
  let end = first.byteOffset
  const areOne = pieces.every(({ buffer, byteOffset, length }) => {
    const follows = buffer === first.buffer && byteOffset === end
    end += length
    return follows
  })
  if (areOne) return Buffer.from(first.buffer, first.byteOffset, end - first.byteOffset)
  return Buffer.concat(pieces)
}

/** zlib's own function for it copies what comes in two pieces, and leaves half a MiB a block to the garbage collector. */
const deflate = (bytes: Buffer, options: ZlibOptions): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    createDeflateRaw(options)
      .on('data', (piece: Buffer) => pieces.push(piece))
      .on('error', reject)
      .on('end', () => resolve(join(pieces)))
      .end(bytes)
  })

/** What is tried of a block, at a quarter and at three quarters of it. */
const sampleSize = 1 << 13
/** So much that Node takes memory for it alone. */
const sampleRoom = 1 << 15

/** Whether deflating is of no use: pictures, archives and keys, which would take as long as all the rest. */
const isNoise = async (bytes: Buffer): Promise<boolean> => {
  if (bytes.length < 8 * sampleSize) return false
  for (const at of [bytes.length >> 2, bytes.length - (bytes.length >> 2)]) {
    const sample = bytes.subarray(at, at + sampleSize)
    const tried = await deflate(sample, { level: 1, chunkSize: sampleRoom })
    const isSmaller = tried.length < 0.98 * sampleSize
    release(tried)
    if (isSmaller) return false
  }
  return true
}

/** The most that one stored block holds, behind five bytes that say so (RFC 1951, section 3.2.4). */
const longestStored = 0xffff
const storedHeader = 5

/** As it is. A deflater of level 0 takes five times as long for the same. */
const store = (bytes: Buffer): Buffer => {
  const out = Buffer.allocUnsafeSlow(bytes.length + storedHeader * Math.ceil(bytes.length / longestStored))
  let end = 0
  for (let at = 0; at < bytes.length; at += longestStored) {
    const part = bytes.subarray(at, at + longestStored)
    end = out.writeUInt8(0, end)
    end = out.writeUInt16LE(part.length, end)
    end = out.writeUInt16LE(~part.length & 0xffff, end)
    end += part.copy(out, end)
  }
  return out
}

/** In one piece, whatever it is: noise gets 5 bytes longer for each 64 KiB. */
const roomForBlock = blockSize + windowSize

const deflateWith = async (deflater: BlockDeflater, { bytes, dictionary }: Block): Promise<Buffer> => {
  const room = Buffer.allocUnsafeSlow(roomForBlock)
  const length = await deflater.deflate(bytes, room, dictionary)
  return length === undefined ? store(bytes) : room.subarray(0, length)
}

const compressBlock = async (block: Block, spare: Spare, level = defaultLevel): Promise<Buffer> => {
  const deflater = spare.takeDeflater()
  if (deflater !== undefined) return deflateWith(deflater, block).finally(() => spare.giveDeflater(deflater))
  const { bytes, dictionary } = block
  if (await isNoise(bytes)) return store(bytes)
  return deflate(bytes, {
    level,
    // More memory for what is found: a tenth faster at the low levels.
    memLevel: 9,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: roomForBlock,
    ...(dictionary === undefined ? {} : { dictionary }),
  })
}

export interface GzipOptions {
  /** zlib's, 0–9; default: ISA-L or, where the machine hasn't got it, zlib's fastest. */
  readonly level?: number | undefined
  /** The reader has finished with a piece when it asks for the next one, and its memory is given back. */
  readonly isRead?: boolean
  readonly open?: OpenDeflater
}

/**
 * Gzip in blocks that are deflated side by side in libuv's pool, as pigz does it: one stream for whoever reads it, longer by
 * 0.1 % than deflated in one go (docs/decisions/0034-isal.md). `source` may use its buffers again.
 */
export async function* gzipBlocks(
  source: Bytes,
  { level, isRead = false, open = openDeflater }: GzipOptions = {},
): AsyncGenerator<Buffer, void, void> {
  let checksum = 0
  let length = 0
  const spare = new Spare(level === undefined ? open : undefined)
  const underWay: Promise<Buffer>[] = []
  async function* next(): AsyncGenerator<Buffer, void, void> {
    const piece = await (underWay.shift() as Promise<Buffer>)
    yield piece
    if (isRead) release(piece)
  }
  yield Buffer.from(header)
  try {
    for await (const block of blocksOf(source, spare)) {
      checksum = crc32(block.bytes, checksum)
      length += block.bytes.length
      underWay.push(compressBlock(block, spare, level).finally(() => spare.give(block)))
      if (underWay.length === ahead) yield* next()
    }
    while (underWay.length > 0) yield* next()
  } finally {
    // Nobody waits for these any more when the reader has gone or the source has failed.
    await Promise.allSettled(underWay)
  }
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(checksum, 0)
  trailer.writeUInt32LE(length % 2 ** 32, 4)
  yield Buffer.concat([lastBlock, trailer])
}
