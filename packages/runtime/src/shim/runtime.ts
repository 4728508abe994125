import { mkdirSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bundle, hasCode, type Logger, type Runtime, type StdioPaths, type Task } from '@slipway/core'
import { warmCgroups } from '@slipway/linux'
import { FilterCache } from '../oci/filters.ts'
import { type OciRuntime, type OciRuntimes, runtimeNamed } from '../oci/runtimes.ts'
import { formatSpec } from '../spec/format.ts'
import type { OciSpec } from '../spec/oci.ts'
import { ensureFifo } from '../stdio/fifo.ts'
import { openStdio, type Stdio, type StdioOptions } from '../stdio/open.ts'
import { beforeLong } from './before-long.ts'
import { isGone, type ShimAddress, ShimConnection, shimIsGone } from './connection.ts'
import { endTask } from './end-task.ts'
import { EventSink } from './event-sink.ts'
import { runtimeFailure } from './failure.ts'
import { killShim, killUnrecordedShim } from './kill-shim.ts'
import { anyTypes, runcOptions } from './messages.ts'
import { moveStreams } from './move-streams.ts'
import { readRecord, writeRecord } from './record.ts'
import { removeLeftovers } from './remove-leftovers.ts'
import { shutdownShim } from './shutdown.ts'
import { SpareShims } from './spares.ts'
import { startShim } from './start.ts'
import { ShimStarter } from './starter.ts'
import { ioRequest, ShimTask } from './task.ts'
import { ignoring } from './tolerate.ts'

export interface ShimRuntimeOptions {
  /** Path of containerd-shim-runc-v2. */
  readonly shim: string
  readonly runtimes: OciRuntimes
  /**
   * A directory in /run (what is in it must not outlive a reboot), on the bundles' file system: the runtime's own state, the
   * event socket, shims that wait for a container.
   */
  readonly stateRoot: string
  /** Shims of one namespace and container id share an address: one per engine. */
  readonly namespace: string
  readonly logger: Logger
  readonly systemdCgroup?: boolean
  /** Shared with another runtime of this process, a profile is compiled once for both. */
  readonly filters?: FilterCache
  /** Shims kept running for containers to come (see `prepare`); default 1. Each costs about 5 MB. */
  readonly spareShims?: number
}

/** What is there from the first use on. */
interface Opened {
  readonly sink: EventSink
  readonly starter: ShimStarter
  readonly spares: SpareShims
}

/**
 * Containers under containerd's shim and runc (or crun): what docker and Kubernetes run them with, without containerd. Disposing
 * of it ends what waits, and leaves containers and their shims alone.
 */
export class ShimRuntime implements Runtime, AsyncDisposable {
  readonly name: string
  readonly #options: ShimRuntimeOptions
  readonly #filters: FilterCache
  readonly #prepared = new Map<string, Promise<ShimAddress>>()
  /** To the shims of the tasks there are. */
  readonly #connections = new Set<ShimConnection>()
  #opened: Promise<Opened> | undefined

  constructor(options: ShimRuntimeOptions) {
    this.#options = options
    this.#filters = options.filters ?? new FilterCache()
    this.name = options.runtimes.default
  }

  /** Those that containers can ask for. */
  get runtimes(): OciRuntimes {
    return this.#options.runtimes
  }

  /** What else would be done at first use: listens for shims' events, and starts a first spare. */
  async open(): Promise<void> {
    await this.#open()
  }

  /**
   * Gets a shim ready for a container that is about to be created, and opens its streams in `io` in the bundle; neither
   * config.json nor rootfs need be there yet. create() without it starts a shim first, which takes 20 to 30 ms more.
   * cleanup() is what undoes it.
   */
  async prepare(bundle: Bundle, streams: Omit<StdioOptions, 'directory'>): Promise<Stdio> {
    const { spares } = await this.#open()
    void warmCgroups()
    const directory = join(bundle.path, 'io')
    // In memory, where a call takes less than a thread of the pool would.
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const spare = spares.take(shimDirectory(bundle))
    if (spare !== undefined) moveStreams(shimDirectory(bundle), directory)
    const stdio = openStdio({ directory, ...streams })
    const address = spare === undefined ? this.#startShim(bundle, stdio.paths) : Promise.resolve(spare)
    address.catch(() => undefined)
    this.#prepared.set(bundle.id, address)
    return stdio
  }

  /** Writes the bundle's `config.json`. */
  async writeSpec(bundle: Bundle, spec: OciSpec): Promise<void> {
    const { takesFilters } = runtimeNamed(this.#options.runtimes, bundle.runtime)
    const text = formatSpec(takesFilters ? this.#filters.apply(bundle.id, spec) : spec)
    await writeFile(join(bundle.path, 'config.json'), text, { mode: 0o600 })
  }

  async create(bundle: Bundle, io: StdioPaths): Promise<Task> {
    const ready = this.#prepared.get(bundle.id)
    this.#prepared.delete(bundle.id)
    if (ready === undefined) return this.#createWith(await this.#startShim(bundle, io), bundle, io)
    try {
      return await this.#createWith(await ready, bundle, io)
    } catch (error) {
      if (!hasCode(error, 'unavailable') || !(await isGone(await ready))) throw error
      // It died while it waited for a container.
      return this.#createWith(await this.#startShim(bundle, io), bundle, io)
    }
  }

  async #createWith(address: ShimAddress, bundle: Bundle, io: StdioPaths): Promise<Task> {
    const runtime = runtimeNamed(this.#options.runtimes, bundle.runtime)
    const connection = new ShimConnection(address)
    // Once more: what prepare() has done may have cooled down, and while it has not, this takes no time.
    void warmCgroups()
    try {
      const { pid } = await connection.call('create', {
        id: bundle.id,
        bundle: bundle.path,
        ...ioRequest(io),
        options: { typeUrl: anyTypes.runcOptions, value: this.#runcOptions(runtime) },
      })
      if (runtime.takesFilters) await this.#filters.learn(bundle.id, this.#stateOf(runtime, bundle))
      return this.#task(bundle, connection, pid)
    } catch (error) {
      this.#filters.forget(bundle.id)
      await shutdownShim(connection)
      throw runtimeFailure(error, 'create')
    }
  }

  async load(bundle: Bundle): Promise<Task | undefined> {
    const address = await readRecord(shimDirectory(bundle))
    if (address === undefined) return undefined
    // Its events need somewhere to go before it is asked to do anything.
    await this.#open()
    const connection = new ShimConnection(address)
    const asked = beforeLong(connection.call('state', { id: bundle.id }))
    const state = await asked.catch(ignoring(['not-found', 'unavailable']))
    if (state !== undefined) return this.#task(bundle, connection, state.pid)
    await connection[Symbol.asyncDispose]()
    return undefined
  }

  async cleanup(bundle: Bundle): Promise<void> {
    const prepared = this.#prepared.get(bundle.id)
    this.#prepared.delete(bundle.id)
    await prepared?.catch(() => undefined)
    const address = await readRecord(shimDirectory(bundle))
    if (address !== undefined) await this.#endShim(bundle, new ShimConnection(address))
    else await killUnrecordedShim(this.#options.namespace, bundle.id)
    await this.#removeLeftovers(bundle)
  }

  async #endShim(bundle: Bundle, connection: ShimConnection): Promise<void> {
    const { logger } = this.#options
    try {
      await endTask(connection, bundle.id)
    } catch (error) {
      if (!shimIsGone(error)) {
        logger.warn({ containerId: bundle.id, error }, "can't end a container through its shim")
        await killShim(connection, bundle)
      }
    }
    await shutdownShim(connection)
  }

  async #startShim(bundle: Bundle, io: StdioPaths): Promise<ShimAddress> {
    const { starter } = await this.#open()
    const directory = shimDirectory(bundle)
    await rm(directory, { recursive: true, force: true })
    const keepOpen = [io.stdout, io.stderr].filter((path) => path !== undefined)
    for (const path of keepOpen) ensureFifo(path)
    const address = await startShim(starter, { id: bundle.id, directory, keepOpen })
    await writeRecord(directory, address)
    return address
  }

  #task(bundle: Bundle, connection: ShimConnection, pid: number): ShimTask {
    this.#connections.add(connection)
    const afterDelete = async (shimDied: boolean): Promise<void> => {
      this.#connections.delete(connection)
      await shutdownShim(connection)
      if (shimDied) await this.#removeLeftovers(bundle)
    }
    return new ShimTask({ connection, bundle, pid, afterDelete })
  }

  #removeLeftovers(bundle: Bundle): Promise<void> {
    const { runtimes, namespace, systemdCgroup = false, logger } = this.#options
    const places = runtimes.all.map((one) => ({ command: one.command, root: join(this.#rootOf(one), namespace) }))
    return removeLeftovers({ bundle, runtimes: places, systemdCgroup, logger })
  }

  #runcOptions(runtime: OciRuntime): Uint8Array {
    const { systemdCgroup = false } = this.#options
    return runcOptions.encode({ binaryName: runtime.command, root: this.#rootOf(runtime), systemdCgroup })
  }

  #stateOf(runtime: OciRuntime, { id }: Bundle): string {
    return join(this.#rootOf(runtime), this.#options.namespace, id)
  }

  /** A directory for each: what lies in it tells which one a container was run with. */
  #rootOf({ name }: OciRuntime): string {
    return join(this.#options.stateRoot, name)
  }

  #open(): Promise<Opened> {
    this.#opened ??= this.#openNow()
    return this.#opened
  }

  async #openNow(): Promise<Opened> {
    const { stateRoot, shim, namespace, logger, spareShims: count = 1 } = this.#options
    await mkdir(stateRoot, { recursive: true, mode: 0o700 })
    const sink = await EventSink.open(join(stateRoot, 'events.sock'))
    const directory = join(stateRoot, 'spare-shims')
    const starter = new ShimStarter({ shim, namespace, events: sink.path })
    const spares = await SpareShims.open({ starter, directory, count, logger })
    return { sink, starter, spares }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened
    await opened?.spares[Symbol.asyncDispose]()
    await opened?.starter[Symbol.asyncDispose]()
    await opened?.sink[Symbol.asyncDispose]()
    // The containers run on, and who held them may end.
    for (const connection of this.#connections) await connection.unref()
  }
}

/** The shim's working directory, with its log and its address. */
const shimDirectory = ({ path }: Bundle): string => join(path, 'shim')
