import { addressOf, type IsalCalls, stateSize } from './calls.ts'
import { headerLength } from './gzip-header.ts'

/** struct inflate_state */
const fields = { nextOut: 0, availOut: 8, nextIn: 16, availIn: 32, blockState: 21160, crcFlag: 21172 } as const
/** ISAL_GZIP_NO_HDR_VER: what follows a header of gzip, with its checksum. */
const behindHeader = 6
/** ISAL_BLOCK_FINISH: the member is at its end, and its checksum was right. */
const finished = 5

/** In zlib's words. */
const errors: Readonly<Record<string, string>> = {
  '-1': 'invalid block type',
  '-2': 'invalid code',
  '-3': 'invalid distance too far back',
  '-6': 'incorrect data check',
}

/**
 * Inflates gzip (RFC 1952), one member behind the other, right here: the thread is busy meanwhile, for 0.4 ms a MiB. zlib in
 * libuv's pool takes twice as long, and as long again for memory that is new for each piece and threads that wait for each
 * other.
 */
export class GzipInflater {
  readonly #calls: IsalCalls
  readonly #state = Buffer.alloc(stateSize)
  readonly #room: Buffer
  #place: 'before' | 'header' | 'body' | 'between' | 'end' = 'before'
  /** Of a header that comes in parts. */
  #header = Buffer.alloc(0)

  constructor(calls: IsalCalls, { room }: { readonly room: Buffer }) {
    this.#calls = calls
    this.#room = room
  }

  /** Whether more has to come: a member was begun, or none. */
  get isInside(): boolean {
    return this.#place !== 'between' && this.#place !== 'end'
  }

  /** Whether zeros followed a member: padding, and whatever comes behind it is none of ours. */
  get hasEnded(): boolean {
    return this.#place === 'end'
  }

  /** What is in these bytes; each piece is in the same memory as the one before. Throws for what is no gzip, or a damaged one. */
  *inflate(bytes: Uint8Array): Generator<Buffer, void, void> {
    for (let at = 0; at < bytes.length && this.#place !== 'end'; ) {
      if (this.#place === 'between' && bytes[at] === 0) this.#place = 'end'
      else if (this.#place === 'body') at = yield* this.#inflateFrom(bytes, at)
      else at = this.#takeHeader(bytes, at)
    }
  }

  /** As far as the header goes; where that is. */
  #takeHeader(bytes: Uint8Array, at: number): number {
    this.#place = 'header'
    const before = this.#header.length
    const part = Buffer.from(bytes.buffer, bytes.byteOffset + at, bytes.length - at)
    const header = before === 0 ? part : Buffer.concat([this.#header, part])
    const length = headerLength(header)
    if (length === undefined) {
      this.#header = Buffer.from(header)
      return bytes.length
    }
    this.#header = Buffer.alloc(0)
    this.#place = 'body'
    this.#calls.initInflate(this.#state)
    this.#state.writeUInt32LE(behindHeader, fields.crcFlag)
    return at + length - before
  }

  /** As far as the member goes; where that is. */
  *#inflateFrom(bytes: Uint8Array, at: number): Generator<Buffer, number, void> {
    const state = this.#state
    state.writeBigUInt64LE(addressOf(bytes) + BigInt(at), fields.nextIn)
    state.writeUInt32LE(bytes.length - at, fields.availIn)
    for (let left = 0; left === 0 && this.#place === 'body'; ) {
      state.writeBigUInt64LE(addressOf(this.#room), fields.nextOut)
      state.writeUInt32LE(this.#room.length, fields.availOut)
      const result = this.#calls.inflate(state)
      if (result !== 0) throw new Error(errors[result] ?? `isal_inflate: ${result}`)
      left = state.readUInt32LE(fields.availOut)
      if (state.readUInt32LE(fields.blockState) === finished) this.#place = 'between'
      if (left < this.#room.length) yield this.#room.subarray(0, this.#room.length - left)
    }
    return bytes.length - state.readUInt32LE(fields.availIn)
  }
}
