import { hasCode, type Logger, type PortMapping, SlipwayError, silentLogger } from '@slipway/core'
import type { NameServer, ServeRequest } from '../dns/service.ts'
import type { Announcement } from '../dns/zone.ts'
import type { BoundPort, PortBinder, RelayTarget } from '../ports/bind.ts'
import { connectKeeper, type KeeperConnection, startKeeper } from './connection.ts'
import { type HeldPort, type KeeperCommand, type KeeperReply, portKey } from './protocol.ts'

export interface KeeperOptions {
  /** `<execRoot>/keeper.sock`. */
  readonly socket: string
  /** A keeper of another version is replaced. */
  readonly version: string
  readonly logger?: Logger
}

/**
 * The process that keeps what the kernel can't keep for us while the daemon is away: the sockets that reserve published
 * ports, the relays from ::1 and from IPv6 to containers that have none, and the name server. This is the daemon's side of
 * it. It is started when the first needs it, outlives the daemon for as long as it keeps anything, and should it die,
 * another takes over and is told everything again: ports first, so that nobody comes in between.
 */
export class Keeper implements NameServer, PortBinder, AsyncDisposable {
  readonly #socket: string
  readonly #version: string
  readonly #logger: Logger
  readonly #ports = new Map<string, HeldPort & { target: RelayTarget | undefined }>()
  readonly #announced = new Map<string, Announcement>()
  readonly #served = new Map<string, ServeRequest>()
  #connection: Promise<KeeperConnection> | undefined
  #closed = false

  /** Finds the keeper of an earlier daemon again, if there is one. */
  static async open(options: KeeperOptions): Promise<Keeper> {
    const keeper = new Keeper(options)
    const found = await connectKeeper(options.socket)
    if (found !== undefined && (await keeper.#isOurs(found))) keeper.#adopt(found)
    return keeper
  }

  private constructor({ socket, version, logger = silentLogger }: KeeperOptions) {
    this.#socket = socket
    this.#version = version
    this.#logger = logger
  }

  /** Throws the errno of bind(2). */
  async bind(containerId: string, mapping: PortMapping): Promise<BoundPort> {
    const held = { containerId, mapping }
    await this.#ask({ do: 'bind', ...held })
    const port = { ...held, target: undefined as RelayTarget | undefined }
    this.#ports.set(portKey(held), port)
    const aim = (target: RelayTarget | undefined): void => {
      port.target = target
      this.#tell({ do: 'aim', ...held, target: target ?? null })
    }
    return {
      get target() {
        return port.target
      },
      set target(target) {
        aim(target)
      },
      [Symbol.asyncDispose]: async () => {
        this.#ports.delete(portKey(held))
        // What the next daemon is to find is not let go of when this one ends.
        if (!this.#closed) await this.#ask({ do: 'unbind', ...held })
      },
    }
  }

  announce(announcement: Announcement): void {
    const { networkId, containerId } = announcement
    this.#announced.set(`${networkId} ${containerId}`, announcement)
    this.#tell({ do: 'announce', announcement })
  }

  withdraw(networkId: string, containerId: string): void {
    if (this.#announced.delete(`${networkId} ${containerId}`)) this.#tell({ do: 'withdraw', networkId, containerId })
  }

  async serve(request: ServeRequest): Promise<void> {
    this.#served.set(request.containerId, request)
    await this.#ask({ do: 'serve', request })
  }

  stop(containerId: string): void {
    if (this.#served.delete(containerId)) this.#tell({ do: 'stop', containerId })
  }

  /** After a start: what containers have that are gone is let go of. */
  async retain(containerIds: readonly string[]): Promise<void> {
    if (this.#connection !== undefined) await this.#ask({ do: 'retain', containerIds })
  }

  /** Ends the keeper's process, if there is one. */
  async quit(): Promise<void> {
    this.#closed = true
    const connection = await this.#connection?.catch(() => undefined)
    await connection?.quit()
  }

  /** Leaves the process with what it keeps; if that is nothing, it ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    const connection = await this.#connection?.catch(() => undefined)
    await connection?.close()
  }

  async #isOurs(found: KeeperConnection): Promise<boolean> {
    const { version } = await found.ask({ do: 'hello' })
    if (version === this.#version) return true
    this.#logger.info({ version, wanted: this.#version }, 'a keeper of another version is replaced')
    await found.quit()
    return false
  }

  #tell(command: KeeperCommand): void {
    this.#ask(command).catch((error: unknown) => {
      if (!this.#closed) this.#logger.warn({ command: command.do, error }, 'the keeper could not be told')
    })
  }

  /** All commands may be said again: what a keeper took with it when it went is asked of the next. */
  async #ask(command: KeeperCommand): Promise<KeeperReply> {
    const connection = this.#connect()
    try {
      return await (await connection).ask(command)
    } catch (error) {
      if (!hasCode(error, 'unavailable') || this.#closed) throw error
      this.#forget(connection)
      return await (await this.#connect()).ask(command)
    }
  }

  #connect(): Promise<KeeperConnection> {
    if (this.#closed) throw new SlipwayError('unavailable', 'the keeper has been left')
    this.#connection ??= this.#begin()
    return this.#connection
  }

  #begin(): Promise<KeeperConnection> {
    const beginning = this.#start()
    beginning.then(
      (connection) => this.#watch(connection, beginning),
      () => this.#forget(beginning),
    )
    return beginning
  }

  #forget(connection: Promise<KeeperConnection>): void {
    if (this.#connection === connection) this.#connection = undefined
  }

  async #start(): Promise<KeeperConnection> {
    const connection = await startKeeper(this.#socket, this.#version)
    const again = async (...commands: readonly KeeperCommand[]): Promise<void> => {
      for (const command of commands) {
        await connection.ask(command).catch((error: unknown) => {
          this.#logger.warn({ command: command.do, error }, 'something could not be kept again')
        })
      }
    }
    await Promise.all(
      [...this.#ports.values()].map(({ target, ...held }) =>
        again({ do: 'bind', ...held }, { do: 'aim', ...held, target: target ?? null }),
      ),
    )
    await again(...[...this.#announced.values()].map((announcement) => ({ do: 'announce', announcement }) as const))
    await Promise.all([...this.#served.values()].map((request) => again({ do: 'serve', request })))
    return connection
  }

  #adopt(found: KeeperConnection): void {
    this.#connection = Promise.resolve(found)
    this.#watch(found, this.#connection)
  }

  #watch({ closed }: KeeperConnection, connection: Promise<KeeperConnection>): void {
    closed.then(() => {
      this.#forget(connection)
      if (this.#closed || (this.#ports.size === 0 && this.#served.size === 0)) return
      this.#logger.warn({}, 'the keeper of ports and names has ended; another takes over')
      this.#ask({ do: 'hello' }).catch((error: unknown) => {
        this.#logger.error({ error }, 'ports and names are without a keeper')
      })
    })
  }
}
