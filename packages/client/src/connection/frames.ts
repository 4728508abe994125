import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { SlipwayError } from '@slipway/core'

/**
 * stdout and stderr on one connection: frames of an 8 byte header (stream, three zeros, length as big-endian u32) and
 * the bytes. Without a terminal, attach, exec and logs speak this; with one, they send the bytes as they are.
 */
export type FrameStream = 'stdin' | 'stdout' | 'stderr' | 'systemerr'

const streams: readonly FrameStream[] = ['stdin', 'stdout', 'stderr', 'systemerr']
const headerLength = 8

export interface FramePart {
  readonly stream: FrameStream
  /** Part of a frame, or all of it: parts are handed on as they come, so that a frame of any length needs no memory. */
  readonly bytes: Uint8Array
}

const readHeader = (header: Uint8Array): { readonly stream: FrameStream; readonly length: number } => {
  const stream = streams[header[0] ?? 255]
  if (stream === undefined) throw new SlipwayError('internal', `Unrecognized input header: ${header[0]}`)
  return { stream, length: new DataView(header.buffer, header.byteOffset).getUint32(4) }
}

/** Takes the frames of `source` apart. Throws when what comes is no frame, or ends within one. */
export async function* readFrames(source: AsyncIterable<Uint8Array>): AsyncIterable<FramePart> {
  const header = new Uint8Array(headerLength)
  let headerFilled = 0
  let stream: FrameStream = 'stdout'
  let missing = 0
  for await (const chunk of source) {
    let at = 0
    while (at < chunk.length) {
      if (missing === 0) {
        const part = chunk.subarray(at, at + headerLength - headerFilled)
        header.set(part, headerFilled)
        headerFilled += part.length
        at += part.length
        if (headerFilled < headerLength) continue
        headerFilled = 0
        ;({ stream, length: missing } = readHeader(header))
      } else {
        const bytes = chunk.subarray(at, at + missing)
        missing -= bytes.length
        at += bytes.length
        yield { stream, bytes }
      }
    }
  }
  if (missing > 0 || headerFilled > 0) throw new SlipwayError('unavailable', 'unexpected EOF')
}

const write = async (to: Writable, bytes: Uint8Array): Promise<void> => {
  if (!to.write(bytes)) await once(to, 'drain')
}

/** Sends each frame where it belongs, at the pace of the slower end. */
export const copyFrames = async (
  source: AsyncIterable<Uint8Array>,
  to: { readonly stdout: Writable; readonly stderr: Writable },
): Promise<void> => {
  for await (const { stream, bytes } of readFrames(source)) {
    if (stream === 'systemerr') throw new SlipwayError('internal', `error from daemon in stream: ${Buffer.from(bytes)}`)
    await write(stream === 'stderr' ? to.stderr : to.stdout, bytes)
  }
}
