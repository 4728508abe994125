import type { Logger } from '@slipway/core'
import { NameService } from '../dns/service.ts'
import { type BoundPort, bindPort } from '../ports/bind.ts'
import { type HeldPort, type KeeperCommand, portKey } from './protocol.ts'

type Of<Name extends KeeperCommand['do']> = Extract<KeeperCommand, { readonly do: Name }>

/** What a keeper keeps: bound ports with their relays, and the name server with all it knows. */
export class Holdings implements AsyncDisposable {
  readonly #logger: Logger
  readonly #ports = new Map<string, HeldPort & { readonly bound: BoundPort }>()
  readonly #announced = new Map<string, { readonly networkId: string; readonly containerId: string }>()
  readonly #served = new Set<string>()
  #names: Promise<NameService> | undefined

  constructor(logger: Logger) {
    this.#logger = logger
  }

  get isEmpty(): boolean {
    return this.#ports.size === 0 && this.#announced.size === 0 && this.#served.size === 0
  }

  async bind({ containerId, mapping }: HeldPort): Promise<void> {
    const key = portKey({ containerId, mapping })
    if (this.#ports.has(key)) return
    this.#ports.set(key, { containerId, mapping, bound: await bindPort(mapping) })
  }

  aim(held: Of<'aim'>): void {
    const port = this.#ports.get(portKey(held))
    if (port !== undefined) port.bound.target = held.target ?? undefined
  }

  async unbind(held: HeldPort): Promise<void> {
    const key = portKey(held)
    const port = this.#ports.get(key)
    this.#ports.delete(key)
    await port?.bound[Symbol.asyncDispose]()
  }

  async announce({ announcement }: Of<'announce'>): Promise<void> {
    const { networkId, containerId } = announcement
    this.#announced.set(`${networkId} ${containerId}`, { networkId, containerId })
    const names = await this.#start()
    names.announce(announcement)
  }

  async withdraw({ networkId, containerId }: Of<'withdraw'>): Promise<void> {
    this.#announced.delete(`${networkId} ${containerId}`)
    const names = await this.#names
    names?.withdraw(networkId, containerId)
  }

  async serve({ request }: Of<'serve'>): Promise<void> {
    this.#served.add(request.containerId)
    const names = await this.#start()
    await names.serve(request)
  }

  async stop({ containerId }: Of<'stop'>): Promise<void> {
    this.#served.delete(containerId)
    const names = await this.#names
    names?.stop(containerId)
  }

  /** Only what these containers have is kept. */
  async retain({ containerIds }: Of<'retain'>): Promise<void> {
    const kept = new Set(containerIds)
    const isGone = ({ containerId }: { readonly containerId: string }): boolean => !kept.has(containerId)
    await Promise.all([...this.#ports.values()].filter(isGone).map((port) => this.unbind(port)))
    for (const one of [...this.#announced.values()].filter(isGone)) await this.withdraw({ do: 'withdraw', ...one })
    for (const id of [...this.#served].filter((containerId) => isGone({ containerId }))) {
      await this.stop({ do: 'stop', containerId: id })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.retain({ do: 'retain', containerIds: [] })
    const names = await this.#names?.catch(() => undefined)
    await names?.[Symbol.asyncDispose]()
  }

  #start(): Promise<NameService> {
    this.#names ??= NameService.start({ logger: this.#logger }).catch((error: unknown) => {
      this.#names = undefined
      throw error
    })
    return this.#names
  }
}
