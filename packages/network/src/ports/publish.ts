import { readFile } from 'node:fs/promises'
import { isIPv4 } from 'node:net'
import {
  type Logger,
  type PortMapping,
  type PortPublisher,
  type PortRequest,
  type PublishedPorts,
  silentLogger,
} from '@slipway/core'
import { type ChainRules, changeMaps, type DatagramPort, type MapChange } from '@slipway/linux'
import { mapChange, protocolNumbers } from '../nft/elements.ts'
import { runNft } from '../nft/run-nft.ts'
import { checkTableName, type PublishedElement, removeScript, replaceScript } from '../nft/table.ts'
import type { PortBinder } from './bind.ts'
import { type PortRange, Reservations } from './reservations.ts'

export interface NftPortPublisherOptions {
  /** That of the default bridge, or one for ports alone (`publishingTable()`). */
  readonly table: string
  /** Random ports come from here; default: the kernel's ephemeral range, as docker has it. */
  readonly range?: PortRange
  /** Who holds the ports; default: this process. */
  readonly binder?: PortBinder
  /** Told after the kernel's rules have changed. */
  readonly onChange?: () => void
  /** Called before everything is written anew, because someone flushed our rules: makes the bridge's chains again. */
  readonly repair?: () => Promise<void>
  /** Changes the kernel's maps (`NetworkThread`); default: on this thread. */
  readonly changeMaps?: (change: MapChange) => Promise<void>
  /** Makes the kernel forget where datagrams to these ports went before (`NetworkThread`). */
  readonly forgetDatagrams?: (ports: readonly DatagramPort[]) => Promise<unknown>
  readonly logger?: Logger
}

const ephemeralRange = async (): Promise<PortRange> => {
  const text = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '')
  const [first, last] = text.trim().split(/\s+/).map(Number)
  return first && last ? { first, last } : { first: 49153, last: 65535 }
}

const retryMilliseconds = 2000

const keyOf = ({ hostIp, protocol, hostPort }: PublishedElement): string => `${hostIp} ${protocol} ${hostPort}`
/** From one family to the other nothing can be translated: that is relayed by the bound sockets. */
const elementsOf = ({ mappings, address, address6 }: PublishedPorts): readonly PublishedElement[] =>
  mappings.flatMap((mapping) => {
    if (isIPv4(mapping.hostIp)) return isIPv4(address) ? [{ ...mapping, address }] : []
    return address6 === undefined ? [] : [{ ...mapping, address: address6 }]
  })

const isSame = (a: PublishedElement | undefined, b: PublishedElement): boolean =>
  a !== undefined && a.address === b.address && a.containerPort === b.containerPort

/** The ports of those protocols whose flows have no beginning that the kernel would see, and that lead elsewhere now. */
const changedDatagramPorts = (before: Elements, after: Elements): readonly DatagramPort[] => {
  const changed = [
    ...[...before].filter(([key, element]) => !isSame(after.get(key), element)),
    ...[...after].filter(([key, element]) => !isSame(before.get(key), element)),
  ]
  const ports = new Map<string, DatagramPort>()
  for (const [, { protocol, hostPort }] of changed) {
    if (protocol === 'tcp') continue
    const targets = [...after.values()]
      .filter((element) => element.protocol === protocol && element.hostPort === hostPort)
      .map(({ address }) => address)
    ports.set(`${protocol} ${hostPort}`, { protocol: protocolNumbers[protocol], hostPort, targets })
  }
  return [...ports.values()]
}

type Elements = ReadonlyMap<string, PublishedElement>

/**
 * Published ports by nftables. A change costs the difference only, however many ports there are, and no process; changes that
 * arrive while one is under way share the next transaction. Should the kernel's state not be the one expected, because someone
 * flushed our table, all of it is written anew, by `nft`.
 *
 * Disposing gives the sockets up and leaves the rules: containers stay reachable while the daemon is away.
 */
export class NftPortPublisher implements PortPublisher {
  readonly #table: string
  readonly #reservations: Reservations
  readonly #onChange: () => void
  readonly #repair: () => Promise<void>
  readonly #changeMaps: (change: MapChange) => Promise<void>
  readonly #forgetDatagrams: (ports: readonly DatagramPort[]) => Promise<unknown>
  readonly #logger: Logger
  readonly #wanted = new Map<string, PublishedPorts>()
  /** What the kernel has; undefined when that isn't known. */
  #applied: Elements | undefined = new Map()
  #running: Promise<void> = Promise.resolve()
  #queued: Promise<void> | undefined
  #retry: NodeJS.Timeout | undefined

  static async open(options: NftPortPublisherOptions): Promise<NftPortPublisher> {
    return new NftPortPublisher({ ...options, range: options.range ?? (await ephemeralRange()) })
  }

  constructor({
    table,
    range,
    binder,
    onChange,
    repair,
    forgetDatagrams,
    logger,
    ...kernel
  }: NftPortPublisherOptions & { readonly range: PortRange }) {
    this.#table = checkTableName(table)
    this.#reservations = new Reservations(range, binder)
    this.#onChange = onChange ?? (() => {})
    this.#repair = repair ?? (async () => {})
    this.#changeMaps = kernel.changeMaps ?? (async (change) => changeMaps(change))
    this.#forgetDatagrams = forgetDatagrams ?? (async () => {})
    this.#logger = logger ?? silentLogger
  }

  reserve(containerId: string, wanted: readonly PortRequest[], address = ''): Promise<readonly PortMapping[]> {
    return this.#reservations.take(containerId, wanted, address)
  }

  async publish(ports: PublishedPorts): Promise<void> {
    if (ports.mappings.length > 0) this.#wanted.set(ports.containerId, ports)
    else if (!this.#wanted.delete(ports.containerId)) return
    this.#reservations.aim(ports.containerId, ports.address)
    await this.#apply()
  }

  /** A rule that can't be taken away now goes as soon as it can. */
  async release(containerId: string, some?: readonly PortMapping[]): Promise<void> {
    if (some !== undefined) return this.#reservations.release(containerId, some)
    try {
      if (this.#wanted.delete(containerId)) await this.#apply()
    } catch (error) {
      this.#logger.warn({ containerId, error }, 'the rules of published ports are still there')
    }
    await this.#reservations.release(containerId)
  }

  /** Writes all rules anew, whatever is there. */
  async rewrite(): Promise<void> {
    this.#applied = undefined
    await this.#apply()
  }

  /** Whether its chains are among these, with rules in them: someone may have flushed them. */
  isIn(chains: readonly ChainRules[]): boolean {
    return (['ip', 'ip6'] as const).every((ip) =>
      chains.some(
        ({ family, table, chain, rules }) =>
          family === ip && table === this.#table && chain === 'published_ports' && rules > 0,
      ),
    )
  }

  /** Nothing is published. */
  get isIdle(): boolean {
    return this.#wanted.size === 0
  }

  /** Takes the table away: nothing is published any more. For one that no bridge's driver takes away. */
  async removeTable(): Promise<void> {
    clearTimeout(this.#retry)
    await runNft(removeScript(this.#table))
  }

  async reconcile(all: readonly PublishedPorts[]): Promise<void> {
    this.#wanted.clear()
    for (const ports of all) this.#wanted.set(ports.containerId, ports)
    this.#applied = undefined
    await Promise.all([this.#apply(), this.#bindAgain(all)])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#retry)
    await this.#queued?.catch(() => {})
    await this.#running
    await this.#reservations[Symbol.asyncDispose]()
  }

  /** A port that someone took while we were away is theirs on our addresses' sockets; the rule still leads to us. */
  async #bindAgain(all: readonly PublishedPorts[]): Promise<void> {
    const gone = [...this.#reservations.holders()].filter((containerId) => !this.#wanted.has(containerId))
    await Promise.all(gone.map((containerId) => this.#reservations.release(containerId)))
    for (const { containerId, mappings, address } of all) {
      for (const mapping of mappings) {
        if (this.#reservations.has(containerId, mapping)) continue
        try {
          await this.#reservations.take(containerId, [mapping], address)
        } catch (error) {
          this.#logger.warn({ containerId, mapping, error }, 'could not reserve a published port again')
        }
      }
      this.#reservations.aim(containerId, address)
    }
  }

  /** Resolves when the kernel's state is what is wanted now. */
  #apply(): Promise<void> {
    this.#queued ??= this.#running.then(() => {
      this.#queued = undefined
      const written = this.#write()
      this.#running = written.catch(() => this.#applyLater())
      return written
    })
    return this.#queued
  }

  /** What could not be written is tried again, whoever asked for it has been told. */
  #applyLater(): void {
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => {
      this.#apply().catch((error: unknown) => {
        this.#logger.warn({ table: this.#table, error }, 'the rules of published ports could not be written')
      })
    }, retryMilliseconds).unref()
  }

  async #write(): Promise<void> {
    const wanted = new Map([...this.#wanted.values()].flatMap(elementsOf).map((element) => [keyOf(element), element]))
    const applied = this.#applied
    // Unknown until it has succeeded: a failure half-way is mended by the next complete writing.
    this.#applied = undefined
    if (applied === undefined || !(await this.#change(applied, wanted))) {
      await runNft(replaceScript(this.#table, [...wanted.values()]))
    }
    this.#applied = wanted
    this.#onChange()
    const ports = changedDatagramPorts(applied ?? new Map(), wanted)
    if (ports.length > 0) await this.#forget(ports)
  }

  /** A client that waits for long enough is served without it: the port is published all the same. */
  async #forget(ports: readonly DatagramPort[]): Promise<void> {
    try {
      await this.#forgetDatagrams(ports)
    } catch (error) {
      this.#logger.warn({ error }, 'the kernel could not be made to forget where datagrams went before')
    }
  }

  /** False when the kernel's state isn't what we took it for. */
  async #change(applied: Elements, wanted: Elements): Promise<boolean> {
    const removed = [...applied]
      .filter(([key, element]) => !isSame(wanted.get(key), element))
      .map(([, element]) => element)
    const added = [...wanted]
      .filter(([key, element]) => !isSame(applied.get(key), element))
      .map(([, element]) => element)
    if (removed.length === 0 && added.length === 0) return true
    try {
      await this.#changeMaps(mapChange(this.#table, { removed, added }))
      return true
    } catch (error) {
      this.#logger.warn({ table: this.#table, error }, 'the port rules were not as expected and are written anew')
      await this.#repair()
      return false
    }
  }
}
