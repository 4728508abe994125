import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { hasErrno, SlipwayError } from '@slipway/core'
import { readLines, writeLine } from './lines.ts'
import { type KeeperCommand, type KeeperReply, reviveFailure } from './protocol.ts'

interface Waiting {
  readonly resolve: (reply: KeeperReply) => void
  readonly reject: (error: Error) => void
}

/** What those get who were waiting when a keeper went. */
const gone = (): SlipwayError => new SlipwayError('unavailable', 'the keeper has ended')

/** A conversation with one keeper, until either ends it. */
export class KeeperConnection {
  readonly #socket: Socket
  readonly #waiting = new Map<number, Waiting>()
  /** Resolves when it is over. */
  readonly closed: Promise<void>
  #lastId = 0
  #isClosed = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.unref()
    socket.on('error', () => {})
    readLines(socket, (reply) => this.#settle(reply as KeeperReply))
    this.closed = new Promise<void>((resolve) => socket.once('close', () => resolve())).then(() => this.#fail())
  }

  ask(command: KeeperCommand): Promise<KeeperReply> {
    if (this.#isClosed) return Promise.reject(gone())
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#socket.ref()
      writeLine(this.#socket, { ...command, id })
    })
  }

  /** Leaves the keeper with what it keeps. */
  async close(): Promise<void> {
    this.#socket.ref()
    this.#socket.end()
    await this.closed
  }

  /** Ends the keeper itself; resolves when it has let go of everything. */
  async quit(): Promise<void> {
    await this.ask({ do: 'quit' }).catch(() => {})
    this.#socket.ref()
    await this.closed
  }

  #settle(reply: KeeperReply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if (this.#waiting.size === 0) this.#socket.unref()
    if (reply.failure === undefined) waiting?.resolve(reply)
    else waiting?.reject(reviveFailure(reply.failure))
  }

  #fail(): void {
    this.#isClosed = true
    for (const { reject } of this.#waiting.values()) reject(gone())
    this.#waiting.clear()
  }
}

/** Undefined: none listens there. */
export const connectKeeper = async (path: string): Promise<KeeperConnection | undefined> => {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
  } catch (error) {
    if (hasErrno(error, 'ENOENT') || hasErrno(error, 'ECONNREFUSED')) return undefined
    throw error
  }
  return new KeeperConnection(socket)
}

const patience = 30_000
const pause = 10

/** Starts a keeper that outlives this process: about 150 ms. Throws unavailable. */
export const startKeeper = async (path: string, version: string): Promise<KeeperConnection> => {
  const log = await open(`${path}.log`, 'w', 0o600)
  try {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url))
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, path, version], {
      stdio: ['ignore', 'ignore', log.fd],
      detached: true,
      cwd: '/',
    })
    let problem: string | undefined
    child.once('error', (error) => {
      problem = error.message
    })
    child.once('exit', (code, signal) => {
      problem = `it ended with ${code ?? signal}`
    })
    child.unref()
    for (const end = performance.now() + patience; problem === undefined; await sleep(pause)) {
      const connection = await connectKeeper(path)
      if (connection !== undefined) return connection
      if (performance.now() > end) problem = `it was not ready in ${patience} ms`
    }
    throw new SlipwayError('unavailable', `the keeper of ports and names could not be started: ${problem}`)
  } finally {
    await log.close()
  }
}
