import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'

/**
 * What a process writes to one of its streams, as it comes out of a FIFO. Nothing is read before somebody asks, in one of two
 * ways: then a process that is not read from waits, after the 64 KiB of the pipe.
 *
 * `read()` is for what has to be fast: the bytes lie in one buffer that every process's output goes through, and are others
 * once the callback has returned. 1 GiB passes without leaving anything for the garbage collector.
 */
export interface Output {
  /** Hands over every piece, which is good for the time of the call. Resolves when all who could write have gone. */
  read(take: (bytes: Buffer) => void): Promise<void>
  /** As a stream, for those who keep pieces or wait between them. */
  stream(): Readable
  pause(): void
  resume(): void
  unref(): void
  /** Nothing more is read; what wasn't read is lost. */
  close(): void
}

const shared = Buffer.allocUnsafeSlow(64 * 1024)

/** `fd` is a FIFO's, opened for reading without blocking; it is closed with the output. */
export const openOutput = (fd: number): Output => {
  let socket: Socket | undefined
  let flows: Socket | undefined
  let isRef = true
  let isClosed = false
  const wrap = (options: object): Socket => {
    if (socket !== undefined || isClosed) throw new Error('an output is read once, in one way')
    socket = new Socket({ fd, readable: true, writable: false, ...options })
    // A pipe that breaks is a stream that ends; who has to know listens for himself.
    socket.on('error', () => socket?.destroy())
    if (!isRef) socket.unref()
    return socket
  }
  return {
    stream: () => {
      flows ??= wrap({})
      return flows
    },
    read: (take) =>
      new Promise((resolve) => {
        const callback = (length: number): boolean => {
          take(shared.subarray(0, length))
          return true
        }
        // Without manualStart Node begins to read at once, as though it had a place for what comes.
        const reading = wrap({ manualStart: true, onread: { buffer: shared, callback } })
        reading.once('close', () => resolve())
        reading.resume()
      }),
    pause: () => void socket?.pause(),
    resume: () => void socket?.resume(),
    unref: () => {
      isRef = false
      socket?.unref()
    },
    close: () => {
      if (isClosed) return
      isClosed = true
      if (socket === undefined) closeSync(fd)
      else socket.destroy()
    },
  }
}
