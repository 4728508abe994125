import { SlipwayError } from '@slipway/core'
import { blockLength, type TarMember, type TarType } from '../context/tar-header.ts'

const types: Readonly<Record<string, TarType>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
}

/** Names and pax headers longer than this are not from an engine. */
const maximumMetadata = 1 << 20

const broken = (why: string): SlipwayError => new SlipwayError('invalid', `invalid tar: ${why}`)

/** Takes exact amounts from chunks of any size. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #held: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]()
  }

  /** Up to `most` bytes, at least one; undefined at the end. */
  async some(most: number): Promise<Buffer | undefined> {
    while (this.#held.length === 0) {
      const { done, value } = await this.#chunks.next()
      if (done === true) return undefined
      this.#held = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    }
    const taken = this.#held.subarray(0, most)
    this.#held = this.#held.subarray(taken.length)
    return taken
  }

  /** Exactly `length` bytes; undefined when there is nothing any more. */
  async exactly(length: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = []
    for (let left = length; left > 0; ) {
      const piece = await this.some(left)
      if (piece === undefined) {
        if (pieces.length === 0) return undefined
        throw broken('unexpected end')
      }
      pieces.push(piece)
      left -= piece.length
    }
    return Buffer.concat(pieces)
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}

const textOf = (block: Buffer, at: number, length: number): string => {
  const end = block.indexOf(0, at)
  return block.toString('utf8', at, end === -1 || end > at + length ? at + length : end)
}

/** Octal digits, or GNU's base 256. */
const numberOf = (block: Buffer, at: number, length: number): number => {
  if (((block[at] ?? 0) & 0x80) === 0) {
    const digits = textOf(block, at, length).trim()
    if (!/^[0-7]*$/.test(digits)) throw broken('not a number')
    return Number.parseInt(digits || '0', 8)
  }
  return block.subarray(at + 1, at + length).reduce((sum, byte) => sum * 256 + byte, (block[at] ?? 0) & 0x7f)
}

const verify = (block: Buffer): void => {
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  if (sum !== numberOf(block, 148, 8)) throw broken('wrong checksum')
}

/** `length key=value\n`, one after the other. */
const parsePax = (bytes: Buffer): ReadonlyMap<string, string> => {
  const records = new Map<string, string>()
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at)
    const length = Number(bytes.toString('latin1', at, blank))
    const record = bytes.toString('utf8', blank + 1, at + length - 1)
    const equals = record.indexOf('=')
    if (blank === -1 || !Number.isInteger(length) || length <= blank - at || equals === -1)
      throw broken('bad pax record')
    records.set(record.slice(0, equals), record.slice(equals + 1))
    at += length
  }
  return records
}

const nameOf = (block: Buffer): string => {
  const name = textOf(block, 0, 100)
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? textOf(block, 345, 155) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

const memberOf = (block: Buffer, extra: ReadonlyMap<string, string>): TarMember => {
  const flag = block.toString('latin1', 156, 157)
  const type = types[flag]
  if (type === undefined) throw broken(`unknown type ${JSON.stringify(flag)}`)
  const number = (key: string, at: number, length: number): number => {
    const value = extra.has(key) ? Number(extra.get(key)) : numberOf(block, at, length)
    if (!Number.isFinite(value) || value < 0) throw broken(`bad ${key}`)
    return value
  }
  const path = extra.get('path') ?? nameOf(block)
  return {
    path,
    type: type === 'file' && path.endsWith('/') ? 'directory' : type,
    mode: numberOf(block, 100, 8) & 0o7777,
    owner: { uid: number('uid', 108, 8), gid: number('gid', 116, 8) },
    size: number('size', 124, 12),
    mtime: number('mtime', 136, 12),
    linkname: extra.get('linkpath') ?? textOf(block, 157, 100),
  }
}

export interface TarPart {
  readonly member: TarMember
  /** To be read before the next part is asked for; what isn't read is skipped. */
  readonly body: AsyncIterable<Uint8Array>
}

/** Reads what an engine sends: ustar, pax and GNU's long names. Throws invalid. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarPart, void, void> {
  const reader = new ByteReader(source)
  const extra = new Map<string, string>()
  try {
    for (;;) {
      const block = await reader.exactly(blockLength)
      if (block === undefined || block.every((byte) => byte === 0)) break
      verify(block)
      const flag = block.toString('latin1', 156, 157)
      if ('xgLK'.includes(flag)) {
        await readMetadata(reader, { flag, size: numberOf(block, 124, 12) }, extra)
        continue
      }
      const member = memberOf(block, extra)
      extra.clear()
      const length = member.type === 'file' ? member.size : 0
      const body = new Body(reader, length)
      yield { member, body }
      await body.skip()
    }
    // What follows is empty blocks: read to the end, so that the connection can be used again.
    while ((await reader.some(1 << 16)) !== undefined);
  } finally {
    await reader.close()
  }
}

const readMetadata = async (
  reader: ByteReader,
  { flag, size }: { readonly flag: string; readonly size: number },
  extra: Map<string, string>,
): Promise<void> => {
  if (size > maximumMetadata) throw broken('a header is too long')
  const padded = Math.ceil(size / blockLength) * blockLength
  const bytes = ((await reader.exactly(padded)) ?? Buffer.alloc(0)).subarray(0, size)
  if (bytes.length < size) throw broken('unexpected end')
  if (flag === 'x') for (const [key, value] of parsePax(bytes)) extra.set(key, value)
  if (flag === 'L') extra.set('path', textOf(bytes, 0, size))
  if (flag === 'K') extra.set('linkpath', textOf(bytes, 0, size))
}

class Body implements AsyncIterable<Uint8Array> {
  readonly #reader: ByteReader
  #left: number
  #padding: number

  constructor(reader: ByteReader, length: number) {
    this.#reader = reader
    this.#left = length
    this.#padding = (blockLength - (length % blockLength)) % blockLength
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    while (this.#left > 0) {
      const piece = await this.#reader.some(this.#left)
      if (piece === undefined) throw broken('unexpected end')
      this.#left -= piece.length
      yield piece
    }
  }

  async skip(): Promise<void> {
    for await (const _ of this);
    if (this.#padding > 0) await this.#reader.exactly(this.#padding)
    this.#padding = 0
  }
}
