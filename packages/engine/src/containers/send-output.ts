import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { LogStream } from './logs/entry.ts'

const streamNumbers: Readonly<Record<LogStream, number>> = { stdout: 1, stderr: 2 }
const headerLength = 8

/** docker's multiplexed framing: stream number, three zeros, length (big endian), payload. */
export const frame = (stream: LogStream, bytes: Buffer): Buffer =>
  writeFrame(Buffer.allocUnsafe(headerLength + bytes.length), stream, bytes)

const writeFrame = (target: Buffer, stream: LogStream, bytes: Buffer): Buffer => {
  target.writeUInt32BE(streamNumbers[stream] << 24, 0)
  target.writeUInt32BE(bytes.length, 4)
  bytes.copy(target, headerLength)
  return target
}

/** What one read of a process's output gives at most, framed. */
const wholeLength = headerLength + 64 * 1024
/** Below this Node's own pool serves. */
const smallLength = 4096
/** More than a few are out only while many clients are slow. */
const mostSpares = 16
const spares: Buffer[] = []

/**
 * Sends a client what a process wrote; false when the client wants no more for now. `bytes` are copied. What they are copied to
 * is used again once the kernel has it: a GiB to a client would be 2 GiB for the garbage collector otherwise, which lets 64 MiB
 * come together before it looks.
 */
export const sendOutput = (client: Duplex, stream: LogStream, bytes: Buffer, framed: boolean): boolean => {
  const length = bytes.length + (framed ? headerLength : 0)
  if (length < smallLength || length > wholeLength || !(client instanceof Socket)) {
    return client.write(framed ? frame(stream, bytes) : Buffer.from(bytes))
  }
  const whole = spares.pop() ?? Buffer.allocUnsafeSlow(wholeLength)
  const part = whole.subarray(0, length)
  if (framed) writeFrame(part, stream, bytes)
  else bytes.copy(part)
  return client.write(part, (error) => {
    if (!error && spares.length < mostSpares) spares.push(whole)
  })
}
