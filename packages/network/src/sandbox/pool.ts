import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Logger, messageOf, silentLogger } from '@slipway/core'
import { bindMount, type NetworkThread, unmountAside } from '@slipway/linux'

export interface SandboxPoolOptions {
  /** `<execRoot>/netns`; made if it isn't there. */
  readonly directory: string
  readonly thread: NetworkThread
  /** How many are kept ready. Default: 4. */
  readonly size?: number
  /** The paths that live containers have. All others in the directory are removed. */
  readonly inUse: ReadonlySet<string>
  readonly logger?: Logger
}

const readyPrefix = 'ready-'

/**
 * Network namespaces, some of them made before they are needed: empty but for their loopback, which is up. A namespace is
 * a file, `<directory>/<id>`, on which it is mounted; it lives until `discard()`, whatever happens to processes in it.
 */
export class SandboxPool implements AsyncDisposable {
  readonly #directory: string
  readonly #thread: NetworkThread
  readonly #size: number
  readonly #logger: Logger
  readonly #ready: string[] = []
  /** Old places of namespaces that were taken; nobody waits for them to go. */
  readonly #going = new Set<Promise<void>>()
  #filling: Promise<void> | undefined
  #closed = false

  /** Removes what nobody uses, and begins to fill the pool. */
  static async open(options: SandboxPoolOptions): Promise<SandboxPool> {
    await mkdir(options.directory, { recursive: true, mode: 0o755 })
    const pool = new SandboxPool(options)
    const names = await readdir(options.directory)
    const orphans = names.map((name) => join(options.directory, name)).filter((path) => !options.inUse.has(path))
    for (const path of orphans) await pool.discard(path)
    pool.#fill()
    return pool
  }

  private constructor({ directory, thread, size = 4, logger = silentLogger }: SandboxPoolOptions) {
    this.#directory = directory
    this.#thread = thread
    this.#size = size
    this.#logger = logger
  }

  /** A namespace for `id`: the path to it. One left there by an earlier attempt is replaced. */
  async take(id: string): Promise<string> {
    const path = join(this.#directory, id)
    const ready = this.#ready.shift()
    if (ready === undefined) await this.#make(path)
    else await this.#rename(ready, path)
    this.#fill()
    return path
  }

  /**
   * Removes a namespace. One that isn't there is no error. The kernel takes its links apart later, by itself, so this
   * needn't queue behind what the thread waits for.
   */
  async discard(path: string): Promise<void> {
    await unmountAside(path, { lazy: true })
    await rm(path, { force: true })
  }

  /** Removes the ones nobody took. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#filling
    await Promise.all(this.#going)
    for (const path of this.#ready.splice(0)) await this.discard(path)
  }

  #fill(): void {
    if (this.#closed || this.#filling !== undefined) return
    this.#filling = this.#fillUp()
      .catch((error: unknown) =>
        this.#logger.warn({ reason: messageOf(error) }, 'no network namespace could be prepared'),
      )
      .finally(() => {
        this.#filling = undefined
      })
  }

  async #fillUp(): Promise<void> {
    while (!this.#closed && this.#ready.length < this.#size) {
      const path = join(this.#directory, readyPrefix + randomBytes(6).toString('hex'))
      await this.#make(path)
      this.#ready.push(path)
    }
  }

  async #make(path: string): Promise<void> {
    await this.discard(path)
    await this.#thread.createNetns(path)
    await this.#thread.run(
      [
        // For links to come: as docker has it, only networks with IPv6 have any, and it is switched on for them.
        { do: 'sysctl', key: 'net/ipv6/conf/default/disable_ipv6', value: 1, tolerate: ['ENOENT'] },
      ],
      { netns: path },
    )
  }

  /** A mount point can't be renamed: the namespace is mounted at the new place, and then taken off the old one. */
  async #rename(from: string, to: string): Promise<void> {
    await this.discard(to)
    await writeFile(to, '', { mode: 0o444 })
    bindMount(from, to)
    this.#discardSoon(from)
  }

  #discardSoon(path: string): void {
    const going = this.discard(path)
      .catch((error: unknown) => this.#logger.warn({ path, reason: messageOf(error) }, 'a network namespace stays'))
      .finally(() => this.#going.delete(going))
    this.#going.add(going)
  }
}
