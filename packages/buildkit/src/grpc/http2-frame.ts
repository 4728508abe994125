/** RFC 9113, section 4.1: length as u24 BE, type, flags, stream as u31 BE. */
export const headBytes = 9
/** Section 3.4: what a client begins with. */
const prefaceBytes = 24
const frameType = { data: 0, windowUpdate: 8 } as const
const flag = { endStream: 0x1, padded: 0x8 } as const

export interface FrameHead {
  /** Bytes behind the head. */
  readonly length: number
  readonly stream: number
  readonly isData: boolean
  /** Of data: the stream ends with it. */
  readonly isLast: boolean
  readonly isPadded: boolean
}

/** Undefined: it isn't whole. */
export const readHead = (bytes: Buffer, at: number): FrameHead | undefined => {
  if (bytes.length - at < headBytes) return undefined
  const flags = bytes[at + 4] as number
  return {
    length: bytes.readUIntBE(at, 3),
    stream: bytes.readUInt32BE(at + 5) & 0x7fffffff,
    isData: bytes[at + 3] === frameType.data,
    isLast: (flags & flag.endStream) !== 0,
    isPadded: (flags & flag.padded) !== 0,
  }
}

/** Section 6.9. */
export const windowUpdate = (stream: number, increment: number): Buffer => {
  const frame = Buffer.alloc(headBytes + 4)
  frame.writeUIntBE(4, 0, 3)
  frame.writeUInt8(frameType.windowUpdate, 3)
  frame.writeUInt32BE(stream, 5)
  frame.writeUInt32BE(increment, headBytes)
  return frame
}

/** No data, and the end of the stream. */
export const endOfData = (stream: number): Buffer => {
  const frame = Buffer.alloc(headBytes)
  frame.writeUInt8(flag.endStream, 4)
  frame.writeUInt32BE(stream, 5)
  return frame
}

/** Knows where the frames begin in what a client writes. */
export class FrameFollower {
  #left = prefaceBytes
  readonly #head = Buffer.alloc(headBytes)
  #filled = 0

  /** Another frame may be put here. */
  get isBetween(): boolean {
    return this.#left === 0 && this.#filled === 0
  }

  follow(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#left > 0) {
        const passed = Math.min(this.#left, bytes.length - at)
        this.#left -= passed
        at += passed
        continue
      }
      const copied = bytes.copy(this.#head, this.#filled, at)
      this.#filled += copied
      at += copied
      if (this.#filled < headBytes) return
      this.#filled = 0
      this.#left = this.#head.readUIntBE(0, 3)
    }
  }
}
