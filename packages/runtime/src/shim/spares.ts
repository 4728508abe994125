import { randomBytes } from 'node:crypto'
import { renameSync, rmSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Logger, messageOf } from '@slipway/core'
import { ensureFifo } from '../stdio/fifo.ts'
import { type ShimAddress, ShimConnection } from './connection.ts'
import { killUnrecordedShim } from './kill-shim.ts'
import { readRecord, writeRecord } from './record.ts'
import { shutdownShim } from './shutdown.ts'
import { startShim } from './start.ts'
import type { ShimStarter } from './starter.ts'

/** The FIFOs that a shim is started with; they keep their inode wherever they are moved. */
export const keptStreams = ['stdout', 'stderr'] as const

export interface SparesOptions {
  readonly starter: ShimStarter
  readonly directory: string
  /** How many to keep ready. */
  readonly count: number
  readonly logger: Logger
}

interface Spare {
  /** `shim.json`, the shim's log, and FIFOs. */
  readonly directory: string
  readonly address: ShimAddress
}

/** Long enough for the container that took one to be started first: on two cores the next one would be in its way. */
const refillDelay = 50

/**
 * Shims that run already, for containers to come: a shim takes any container, whatever id it was started with. Saves the
 * start of two Go programs, 20 to 30 ms, where somebody waits.
 */
export class SpareShims implements AsyncDisposable {
  readonly #options: SparesOptions
  readonly #ready: Spare[] = []
  #refill: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  private constructor(options: SparesOptions) {
    this.#options = options
  }

  /** Those that a daemon before us left are ended: they would wait for ever. */
  static async open(options: SparesOptions): Promise<SpareShims> {
    await mkdir(options.directory, { recursive: true, mode: 0o700 })
    for (const name of await readdir(options.directory)) {
      await discard(join(options.directory, name))
      // The daemon may have died between the shim's start and the note of where it listens.
      await killUnrecordedShim(options.starter.namespace, name)
    }
    const spares = new SpareShims(options)
    spares.#refillSoon()
    return spares
  }

  /**
   * Moves a spare to `directory`, in place of what an earlier life of the container left there, and tells where it listens;
   * undefined when none is ready.
   */
  take(directory: string): ShimAddress | undefined {
    const spare = this.#ready.shift()
    if (spare === undefined) return undefined
    this.#refillSoon()
    rmSync(directory, { recursive: true, force: true })
    renameSync(spare.directory, directory)
    return spare.address
  }

  #refillSoon(): void {
    if (this.#closed || this.#refill !== undefined) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#refill = this.#fill().finally(() => {
        this.#refill = undefined
      })
    }, refillDelay)
    this.#timer.unref()
  }

  async #fill(): Promise<void> {
    const { logger, count } = this.#options
    try {
      while (!this.#closed && this.#ready.length < count) this.#ready.push(await this.#start())
    } catch (error) {
      // Not fatal: containers start their own then, and tell what is wrong.
      logger.warn({ error: messageOf(error) }, "can't keep a shim ready")
    }
  }

  async #start(): Promise<Spare> {
    const id = `spare-${randomBytes(8).toString('hex')}`
    const directory = join(this.#options.directory, id)
    await mkdir(directory, { mode: 0o700 })
    const keepOpen = keptStreams.map((name) => join(directory, name))
    for (const path of keepOpen) ensureFifo(path)
    try {
      const address = await startShim(this.#options.starter, { id, directory, keepOpen })
      await writeRecord(directory, address)
      return { directory, address }
    } catch (error) {
      await rm(directory, { recursive: true, force: true })
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#refill
    await Promise.all(this.#ready.splice(0).map(({ directory }) => discard(directory)))
  }
}

const discard = async (directory: string): Promise<void> => {
  const address = await readRecord(directory)
  if (address !== undefined) await shutdownShim(new ShimConnection(address))
  await rm(directory, { recursive: true, force: true })
}
