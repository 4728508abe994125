import type { FileHandle } from 'node:fs/promises'
import { type LogEntry, timestamp } from './entry.ts'
import type { LogFormat } from './format.ts'

/**
 * The `local` driver's: length (u32), stream (u8), nanoseconds (u64), text, and the length again, by which it is read from
 * the end; big endian. A line costs 17 bytes, where JSON takes 75 and more, and nothing is escaped.
 */
const headLength = 4 + 1 + 8
const tailLength = 4
const around = headLength + tailLength
const streams = ['stdout', 'stderr'] as const
/** Lines are cut at 16 KiB; what claims to be longer than any can be is damage. */
const longestFrame = 64 * 1024

const nanosecondsOf = (time: string): bigint =>
  BigInt(Date.parse(`${time.slice(0, 19)}Z`)) * 1_000_000n + BigInt(time.slice(20, -1).padEnd(9, '0'))

const encodeOne = ({ log, stream, time }: LogEntry): Buffer => {
  const length = Buffer.byteLength(log)
  const frame = Buffer.allocUnsafe(around + length)
  frame.writeUInt32BE(length, 0)
  frame.writeUInt8(streams.indexOf(stream), 4)
  frame.writeBigUInt64BE(nanosecondsOf(time), 5)
  frame.write(log, headLength)
  frame.writeUInt32BE(length, headLength + length)
  return frame
}

const lengthAt = async (file: FileHandle, position: number): Promise<number> => {
  const bytes = Buffer.alloc(tailLength)
  await file.read(bytes, 0, tailLength, position)
  return bytes.readUInt32BE(0)
}

export const frames: LogFormat = {
  encode: (entries) => Buffer.concat(entries.map(encodeOne)),
  decode: (data, start) => {
    if (data.length - start < headLength) return undefined
    const length = data.readUInt32BE(start)
    // A torn write of a power cut: nothing behind it can be found.
    if (length > longestFrame) return { entry: undefined, end: data.length }
    const end = start + around + length
    if (end > data.length) return undefined
    const log = data.toString('utf8', start + headLength, end - tailLength)
    const stream = streams[data[start + 4] ?? 0] ?? 'stdout'
    return { entry: { log, stream, time: timestamp(data.readBigUInt64BE(start + 5)) }, end }
  },
  tail: async (file, lines) => {
    let { size: offset } = await file.stat()
    let found = 0
    while (offset > 0 && found < lines) {
      const length = await lengthAt(file, offset - tailLength)
      if (length > longestFrame || length + around > offset) break
      offset -= length + around
      found += 1
    }
    return { offset, found }
  },
}
