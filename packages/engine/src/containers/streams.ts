import { PassThrough, type Writable } from 'node:stream'
import type { Output } from '@slipway/runtime'
import type { LogStream } from './logs/entry.ts'

/**
 * Someone who takes a process's output: the bytes are others once `write` has returned. It answers false when it wants no more
 * before it has called `drained`.
 */
export interface OutputClient {
  write(stream: LogStream, bytes: Buffer): boolean
  /** The process has ended, and all it wrote has been handed over. */
  end(): void
}

/** What a process of the runtime is connected to: see `openStdio()` of the runtime package. */
export interface ProcessStreams {
  readonly stdin?: Writable
  readonly stdout?: Output
  readonly stderr?: Output
}

/**
 * The streams of one process as clients see them: any number of them can attach, before the process starts as well. Output is
 * read only as fast as the slowest attached client takes it; without clients it goes to the log alone.
 */
export class Streams {
  readonly #clients = new Set<OutputClient>()
  readonly #waitingFor = new Set<OutputClient>()
  /** Holds what clients send before the process is there. */
  readonly #stdin = new PassThrough()
  #sources: readonly Output[] = []

  /** Bytes for the process; ending it ends the process's stdin. */
  get stdin(): Writable {
    return this.#stdin
  }

  attach(client: OutputClient): void {
    this.#clients.add(client)
  }

  detach(client: OutputClient): void {
    this.#clients.delete(client)
    this.drained(client)
  }

  /** A client that had answered false to `write` takes bytes again. */
  drained(client: OutputClient): void {
    if (this.#waitingFor.delete(client) && this.#waitingFor.size === 0) {
      for (const source of this.#sources) source.resume()
    }
  }

  /** Gives bytes that the process hasn't written to those who are attached. */
  tell(stream: LogStream, bytes: Buffer): void {
    for (const client of this.#clients) client.write(stream, bytes)
  }

  /**
   * Begins to read, and hands each chunk to `record` (the log) before the clients get it. Resolves when the process and
   * everyone who inherited its streams have closed them.
   */
  async run(process: ProcessStreams, record: (stream: LogStream, bytes: Buffer) => void): Promise<void> {
    const { stdin, stdout, stderr } = process
    if (stdin) this.#stdin.on('error', () => undefined).pipe(stdin.on('error', () => undefined))
    this.#sources = [stdout, stderr].filter((source) => source !== undefined)
    await Promise.all([this.#pump('stdout', stdout, record), this.#pump('stderr', stderr, record)])
  }

  /** Tells every client that no more comes. */
  end(): void {
    this.#stdin.unpipe()
    for (const client of [...this.#clients]) client.end()
    this.#clients.clear()
    this.#waitingFor.clear()
  }

  async #pump(
    stream: LogStream,
    source: Output | undefined,
    record: (stream: LogStream, bytes: Buffer) => void,
  ): Promise<void> {
    await source?.read((bytes) => {
      record(stream, bytes)
      for (const client of this.#clients) if (!client.write(stream, bytes)) this.#waitingFor.add(client)
      if (this.#waitingFor.size > 0) for (const each of this.#sources) each.pause()
    })
  }
}
