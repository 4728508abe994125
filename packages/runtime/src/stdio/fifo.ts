import { closeSync, constants, openSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { hasErrno } from '@slipway/core'
import { makeFifo } from '@slipway/linux'

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
}

export const openFifoReader = (path: string): FifoEnd<Readable> =>
  openEnd(path, O_RDONLY, (fd) => new Socket({ fd, readable: true, writable: false }))

export const openFifoWriter = (path: string): FifoEnd<Writable> =>
  openEnd(path, O_WRONLY, (fd) => new Socket({ fd, readable: false, writable: true }))

const openEnd = (path: string, flags: number, wrap: (fd: number) => Socket): FifoEnd<Socket> => {
  const keeper = openSync(path, O_RDWR | O_NONBLOCK)
  let kept = true
  const release = (): void => {
    if (kept) closeSync(keeper)
    kept = false
  }
  try {
    const stream = wrap(openSync(path, flags | O_NONBLOCK))
    return { stream, release, unref: () => void stream.unref() }
  } catch (error) {
    release()
    throw error
  }
}
