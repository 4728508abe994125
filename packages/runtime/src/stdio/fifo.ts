import { closeSync, constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { hasErrno } from '@slipway/core'
import { makeFifo } from '@slipway/linux'
import { type Output, openOutput } from './output.ts'

const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK } = constants

/** Makes it unless it is there: a FIFO outlives the daemon that made it. */
export const ensureFifo = (path: string): void => {
  try {
    makeFifo(path)
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) throw error
  }
}

/**
 * Our end of a FIFO whose other end is the shim's. It is wrapped as a socket: epoll tells when there is something, so no
 * thread of libuv's pool sits in read(2), and 300 containers don't need 600 threads.
 */
export interface FifoEnd<Stream> {
  readonly stream: Stream
  /**
   * Until this is called, a descriptor of our own stands in for the other end: without it a reader sees "no writer", which
   * is the end, and a writer can't even be opened. Call it when the shim has opened the FIFO.
   */
  release(): void
  /** It doesn't keep the process alive any more. */
  unref(): void
  close(): void
}

export const openFifoReader = (path: string): FifoEnd<Output> =>
  openEnd(path, O_RDONLY, (fd) => {
    const output = openOutput(fd)
    return { stream: output, unref: output.unref, close: output.close }
  })

/**
 * The shim says that it has opened its end a moment before it has: a reader of our own, that never reads, stays beside it.
 * Without one, what is written in that moment goes nowhere, and what was written before our end closed is thrown away.
 */
export const openFifoWriter = (path: string): FifoEnd<Writable> =>
  openEnd(path, O_WRONLY, (fd) => {
    let reader: number | undefined = openSync(path, O_RDONLY | O_NONBLOCK)
    const socket = new Socket({ fd, readable: false, writable: true })
    // A pipe that breaks is a process that reads no more.
    socket.on('error', () => undefined)
    const close = (): void => {
      socket.destroy()
      if (reader !== undefined) closeSync(reader)
      reader = undefined
    }
    return { stream: socket, unref: () => void socket.unref(), close }
  })

const openEnd = <Stream>(
  path: string,
  flags: number,
  wrap: (fd: number) => Omit<FifoEnd<Stream>, 'release'>,
): FifoEnd<Stream> => {
  const keeper = openSync(path, O_RDWR | O_NONBLOCK)
  let kept = true
  const release = (): void => {
    if (kept) closeSync(keeper)
    kept = false
  }
  try {
    const { close, ...end } = wrap(openSync(path, flags | O_NONBLOCK))
    return {
      ...end,
      release,
      close: () => {
        release()
        close()
      },
    }
  } catch (error) {
    release()
    throw error
  }
}
