import type { Duplex } from 'node:stream'
import type { LogStream } from './logs/entry.ts'
import { sendOutput } from './send-output.ts'
import type { OutputClient, Streams } from './streams.ts'

const namedKeys: Readonly<Record<string, number>> = { '@': 0, '[': 27, '\\': 28, ']': 29, '^': 30, _: 31 }

/** `ctrl-p,ctrl-q` as bytes; undefined when a key makes no sense. */
export const parseDetachKeys = (text: string): readonly number[] | undefined => {
  const keys = text.split(',').map((key) => {
    if (key.length === 1) return key.charCodeAt(0)
    const control = /^ctrl-(.)$/.exec(key)?.[1]
    if (control === undefined) return undefined
    return /[a-z]/.test(control) ? control.charCodeAt(0) - 96 : namedKeys[control]
  })
  return keys.every((key) => key !== undefined) ? keys : undefined
}

export const defaultDetachKeys = [16, 17] as const

/** Finds the detach sequence in what comes from a terminal; what turns out not to be it goes on to the process. */
class DetachFilter {
  readonly #keys: readonly number[]
  #seen = 0

  constructor(keys: readonly number[]) {
    this.#keys = keys
  }

  /** The bytes to pass on; `detached` once the whole sequence has come. */
  take(bytes: Buffer): { readonly pass: Buffer; readonly detached: boolean } {
    const pass: number[] = []
    for (const byte of bytes) {
      if (byte === this.#keys[this.#seen]) {
        this.#seen += 1
        if (this.#seen === this.#keys.length) return { pass: Buffer.from(pass), detached: true }
      } else {
        pass.push(...this.#keys.slice(0, this.#seen), byte)
        this.#seen = 0
      }
    }
    return { pass: Buffer.from(pass), detached: false }
  }
}

export interface AttachOptions {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  /** A terminal has one stream, keys to detach with, and outlives its clients. */
  readonly terminal: boolean
  /** Two streams in one: each piece says which it is of. */
  readonly framed: boolean
  /** The process's stdin ends with this client's. */
  readonly closeStdin: boolean
  readonly detachKeys: readonly number[]
}

/**
 * Joins a hijacked connection and a process. Resolves when the process has ended, the client has gone, or has typed the detach
 * sequence; the connection is closed then. Tells whether it was the last of these.
 */
export const joinStreams = (
  socket: Duplex,
  streams: Streams,
  options: AttachOptions,
): Promise<{ readonly detached: boolean }> =>
  new Promise((resolve) => {
    let detached = false
    const wants: Readonly<Record<LogStream, boolean>> = { stdout: options.stdout, stderr: options.stderr }
    const client: OutputClient = {
      write: (stream, bytes) => {
        if (!wants[stream] || !socket.writable) return true
        return sendOutput(socket, stream, bytes, options.framed)
      },
      end: () => socket.end(),
    }
    const leave = (): void => {
      streams.detach(client)
      resolve({ detached })
    }
    socket.on('drain', () => streams.drained(client))
    socket.once('close', leave)
    socket.once('finish', leave)
    streams.attach(client)
    const detach = (): void => {
      detached = true
      socket.end()
    }
    if (options.stdin) feedStdin(socket, streams, { ...options, detach })
    else socket.resume()
    if (!options.stdout && !options.stderr && !options.stdin) socket.end()
  })

const feedStdin = (
  socket: Duplex,
  streams: Streams,
  options: AttachOptions & { readonly detach: () => void },
): void => {
  const filter = options.terminal ? new DetachFilter(options.detachKeys) : undefined
  socket.on('data', (bytes: Buffer) => {
    const { pass, detached } = filter?.take(bytes) ?? { pass: bytes, detached: false }
    if (pass.length > 0 && !streams.stdin.write(pass)) {
      socket.pause()
      streams.stdin.once('drain', () => socket.resume())
    }
    if (detached) options.detach()
  })
  const stdinOver = (): void => {
    // A terminal lives on when its client goes: that is how one detaches.
    if (options.closeStdin && !options.terminal) streams.stdin.end()
  }
  socket.once('close', stdinOver)
  socket.once('end', () => {
    stdinOver()
    // A client that can't half-close and has asked for no output has nothing more to do here.
    if (!options.stdout && !options.stderr) socket.end()
  })
  socket.resume()
}
