import { closeSync } from 'node:fs'
import { invalid } from '@slipway/core'
import { cString, kernel } from '../kernel/calls.ts'
import { check, failedWith } from '../kernel/error.ts'

const AF_UNIX = 1
const SOCK_DGRAM = 2
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
const MSG_DONTWAIT = 0x40
const MSG_NOSIGNAL = 0x4000
/** What a path has room for in struct sockaddr_un, its NUL byte included. */
const longestPath = 108
const longestDatagram = 256 * 1024

/** struct sockaddr_un */
const encode = (path: string): Buffer => {
  const text = Buffer.from(path)
  cString(text)
  if (text.length >= longestPath) throw invalid(`the path of a socket is too long: ${path.slice(0, 200)}`)
  const bytes = Buffer.alloc(2 + text.length + 1)
  bytes.writeUInt16LE(AF_UNIX, 0)
  text.copy(bytes, 2)
  return bytes
}

/** A datagram socket of the unix domain, which Node has none of: the system log and the journal listen on such. Never waits. */
export class UnixDatagram implements Disposable {
  #fd: number

  private constructor(fd: number) {
    this.#fd = fd
  }

  static #open(path: string, call: 'bind' | 'connect'): UnixDatagram {
    const fd = check(kernel.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'socket')
    try {
      const address = encode(path)
      check(kernel[call](fd, address, address.length), call, path)
      return new UnixDatagram(fd)
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }

  /** To send. Throws ENOENT or ECONNREFUSED when nobody listens. */
  static connect(path: string): UnixDatagram {
    return UnixDatagram.#open(path, 'connect')
  }

  /** To receive, on a path that isn't there yet. */
  static listen(path: string): UnixDatagram {
    return UnixDatagram.#open(path, 'bind')
  }

  /** False: the receiver has no room now. Throws when it is gone. */
  send(bytes: Uint8Array): boolean {
    const sent = kernel.sendto(this.#fd, bytes, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL, null, 0)
    if (failedWith(sent, 'EAGAIN', 'ENOBUFS')) return false
    check(sent, 'sendto')
    return true
  }

  /** One datagram; undefined: none is there. */
  receive(): Buffer | undefined {
    const buffer = Buffer.allocUnsafe(longestDatagram)
    const length = kernel.recvfrom(this.#fd, buffer, buffer.length, MSG_DONTWAIT, null, null)
    if (failedWith(length, 'EAGAIN')) return undefined
    return Buffer.from(buffer.subarray(0, check(length, 'recvfrom')))
  }

  [Symbol.dispose](): void {
    if (this.#fd !== -1) closeSync(this.#fd)
    this.#fd = -1
  }
}
