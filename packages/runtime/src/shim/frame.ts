/**
 * A ttrpc frame: u32 BE length of the body, u32 BE stream id (odd for those the client opens), u8 type, u8 flags, body
 * (containerd/ttrpc PROTOCOL.md).
 */
export interface Frame {
  readonly stream: number
  readonly type: number
  readonly body: Uint8Array
}

export const frameType = { request: 1, response: 2, data: 3 } as const

const headerBytes = 10
/** ttrpc's own limit; a peer that says more is not to be believed. */
const maximumBody = 4 << 20

export const encodeFrame = ({ stream, type, body }: Frame): Buffer => {
  const frame = Buffer.allocUnsafe(headerBytes + body.length)
  frame.writeUInt32BE(body.length, 0)
  frame.writeUInt32BE(stream, 4)
  frame.writeUInt8(type, 8)
  frame.writeUInt8(0, 9)
  frame.set(body, headerBytes)
  return frame
}

/** Cuts a byte stream into frames: give it chunks as they come, it gives back the frames that are whole. */
export const frameReader = (): ((chunk: Buffer) => Frame[]) => {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const frames: Frame[] = []
    let at = 0
    while (rest.length - at >= headerBytes) {
      const length = rest.readUInt32BE(at)
      if (length > maximumBody) throw new RangeError(`ttrpc frame of ${length} bytes is too large`)
      if (rest.length - at < headerBytes + length) break
      const body = rest.subarray(at + headerBytes, at + headerBytes + length)
      frames.push({ stream: rest.readUInt32BE(at + 4), type: rest.readUInt8(at + 8), body })
      at += headerBytes + length
    }
    rest = rest.subarray(at)
    return frames
  }
}
