import { closeSync, constants, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bundle, Logger, Runtime, StdioPaths, Task } from '@slipway/core'
import { ShimConnection, shimIsGone } from './connection.ts'
import { EventSink } from './event-sink.ts'
import { runtimeFailure } from './failure.ts'
import { anyTypes, runcOptions } from './messages.ts'
import { readRecord, writeRecord } from './record.ts'
import { startShim } from './start.ts'
import { ioRequest, ShimTask } from './task.ts'
import { ignoring } from './tolerate.ts'

export interface ShimRuntimeOptions {
  /** Path of containerd-shim-runc-v2. */
  readonly shim: string
  /** Path of runc, or of another OCI runtime with its command line (crun). */
  readonly runc: string
  /** A directory in /run (what is in it must not outlive a reboot): the runtime's own state, and the event socket. */
  readonly stateRoot: string
  /** Shims of one namespace and container id share an address: one per engine. */
  readonly namespace: string
  readonly logger: Logger
  readonly systemdCgroup?: boolean
}

/** Containers under containerd's shim and runc: what docker and Kubernetes run them with, without containerd. */
export class ShimRuntime implements Runtime, AsyncDisposable {
  readonly name = 'runc'
  readonly #options: ShimRuntimeOptions
  #sink: Promise<EventSink> | undefined

  constructor(options: ShimRuntimeOptions) {
    this.#options = options
  }

  async create(bundle: Bundle, io: StdioPaths): Promise<Task> {
    const connection = await this.#start(bundle, io)
    const options = {
      binaryName: this.#options.runc,
      root: join(this.#options.stateRoot, 'runc'),
      systemdCgroup: this.#options.systemdCgroup ?? false,
    }
    try {
      const { pid } = await connection.call('create', {
        id: bundle.id,
        bundle: bundle.path,
        ...ioRequest(io),
        options: { typeUrl: anyTypes.runcOptions, value: runcOptions.encode(options) },
      })
      return this.#task(bundle, connection, pid)
    } catch (error) {
      await shutdown(connection, bundle.id)
      throw runtimeFailure(error, 'create')
    }
  }

  async load(bundle: Bundle): Promise<Task | undefined> {
    const record = await readRecord(bundle)
    if (record === undefined) return undefined
    await this.#events()
    const connection = new ShimConnection(record)
    const state = await connection.call('state', { id: bundle.id }).catch(ignoring(['not-found'], shimIsGone))
    if (state !== undefined) return this.#task(bundle, connection, state.pid)
    await connection[Symbol.asyncDispose]()
    return undefined
  }

  async cleanup(bundle: Bundle): Promise<void> {
    const task = await this.load(bundle)
    await task?.killAll(9).catch(() => undefined)
    await task?.delete()
  }

  async #start(bundle: Bundle, io: StdioPaths): Promise<ShimConnection> {
    const { shim, namespace } = this.#options
    const sink = await this.#events()
    const held = [io.stdout, io.stderr]
      .filter((path) => path !== undefined)
      .map((path) => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK))
    try {
      const address = await startShim({
        shim,
        namespace,
        id: bundle.id,
        directory: bundle.path,
        events: sink.path,
        keepOpen: process.env['NOKEEP'] ? [] : held,
      })
      await writeRecord(bundle, { ...address, shimId: bundle.id })
      return new ShimConnection(address)
    } finally {
      for (const fd of held) closeSync(fd)
    }
  }

  #task(bundle: Bundle, connection: ShimConnection, pid: number): ShimTask {
    const afterDelete = async (shimDied: boolean): Promise<void> => {
      if (!shimDied) await shutdown(connection, bundle.id)
      await connection[Symbol.asyncDispose]()
    }
    return new ShimTask({ connection, bundle, pid, systemdCgroup: this.#options.systemdCgroup ?? false, afterDelete })
  }

  #events(): Promise<EventSink> {
    this.#sink ??= mkdir(this.#options.stateRoot, { recursive: true, mode: 0o700 }).then(() =>
      EventSink.open(join(this.#options.stateRoot, 'events.sock')),
    )
    return this.#sink
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#sink)?.[Symbol.asyncDispose]()
  }
}

const shutdown = async (connection: ShimConnection, id: string): Promise<void> => {
  await connection.call('shutdown', { id, now: true }).catch(ignoring(['unavailable', 'not-found']))
}
