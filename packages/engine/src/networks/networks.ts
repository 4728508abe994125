import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { EndpointSettings } from '@slipway/client'
import { type Database, invalid, type Logger, type PortMapping, type PublishedPorts, SlipwayError } from '@slipway/core'
import { type NetworkThread, networkThread } from '@slipway/linux'
import { AddressPool, BridgeDriver, FirewallAccept, NftPortPublisher, SandboxPool } from '@slipway/network'
import { type HostFacts, readHostFacts } from '@slipway/runtime'
import type { EngineConfig } from '../config/load.ts'
import type { Attachment, ContainerRecord } from '../containers/records.ts'
import { ensurePredefined } from './predefined.ts'
import type { NetworkRecord } from './records.ts'

/** What a container (or a build step) gets of the network while it runs. */
export interface Attached {
  /** Path of its network namespace; empty: the host's own. */
  readonly netns: string
  /** The namespace was made for it alone. */
  readonly own: boolean
  readonly attachment?: Attachment
  readonly ports: readonly PortMapping[]
}

export interface AttachRequest {
  readonly id: string
  readonly networkMode: string
  readonly endpoints: Readonly<Record<string, EndpointSettings>>
  readonly ports: readonly PortMapping[]
  /** For `container:NAME`. */
  readonly netnsOf: (idOrName: string) => { readonly netns: string; readonly pid: number }
}

/** A container that runs since before this process began. */
export type Survivor = Pick<ContainerRecord, 'id' | 'state'>

interface Parts {
  readonly thread: NetworkThread
  readonly firewall: FirewallAccept
  readonly driver: BridgeDriver
  readonly sandboxes: SandboxPool
  readonly publisher: NftPortPublisher
  readonly addresses: AddressPool
  readonly networks: readonly NetworkRecord[]
  readonly hostFacts: HostFacts
}

/** The engine's networks: who is on which, with which address and which published ports. */
export class Networks implements AsyncDisposable {
  readonly #parts: Parts

  private constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Makes the default bridge, or finds it again, with the rules and reservations of those that run on it. */
  static async open(options: {
    readonly config: EngineConfig
    readonly database: Database
    readonly survivors: readonly Survivor[]
    readonly logger: Logger
  }): Promise<Networks> {
    const { config, database, survivors, logger } = options
    const thread = await networkThread()
    const networks = await ensurePredefined(database, config)
    const bridge = networks.find(({ name }) => name === 'bridge') as NetworkRecord
    const firewall = new FirewallAccept({ logger })
    const driver = new BridgeDriver({ thread, firewall })
    await driver.create(bridge)
    const [subnet] = bridge.subnets
    const addresses = new AddressPool({
      subnet: subnet?.cidr ?? '',
      gateway: subnet?.gateway ?? '',
      reserved: survivors.flatMap(({ state }) => addressOf(state.attachment) ?? []),
    })
    const inUse = new Set(survivors.map(({ state }) => state.netns))
    const directory = join(config.execRoot, 'netns')
    const sandboxes = await SandboxPool.open({ directory, thread, inUse, logger })
    const publisher = await NftPortPublisher.open({
      bridge: config.bridge,
      onChange: () => firewall.checkSoon(),
      repair: () => driver.create(bridge),
      logger,
    })
    await publisher.reconcile(survivors.flatMap(publishedPorts))
    const hostFacts = readHostFacts()
    return new Networks({ thread, firewall, driver, sandboxes, publisher, addresses, networks, hostFacts })
  }

  get hostFacts(): HostFacts {
    return this.#parts.hostFacts
  }

  all(): readonly NetworkRecord[] {
    return this.#parts.networks
  }

  /** The host's address on the bridge. */
  get gateway(): string {
    return this.bridge.subnets[0]?.gateway ?? ''
  }

  get bridge(): NetworkRecord {
    return this.all().find(({ name }) => name === 'bridge') as NetworkRecord
  }

  async attach(request: AttachRequest): Promise<Attached> {
    const { networkMode: mode } = request
    if (mode.startsWith('container:')) return { netns: joined(request), own: false, ports: [] }
    const network = this.all().find(({ id, name }) => id === mode || name === mode)
    if (network === undefined) {
      throw new SlipwayError('not-found', `failed to set up container networking: network ${mode} not found`)
    }
    if (network.driver === 'host') return { netns: '', own: false, ports: [] }
    const netns = await this.#parts.sandboxes.take(request.id)
    if (network.driver === 'null') return { netns, own: true, ports: [] }
    try {
      return { netns, own: true, ...(await this.#connect(request, netns)) }
    } catch (error) {
      await this.#parts.sandboxes.discard(netns)
      throw error
    }
  }

  async #connect(request: AttachRequest, netns: string): Promise<Pick<Attached, 'attachment' | 'ports'>> {
    const { addresses, driver, publisher } = this.#parts
    const asked = request.endpoints['bridge']
    if (asked?.IPAMConfig?.IPv4Address) {
      throw invalid('user specified IP address is supported on user defined networks only')
    }
    const address = addresses.allocate()
    await using undo = new AsyncDisposableStack()
    undo.defer(() => addresses.release(address))
    const endpoint = await driver.connect(
      {
        network: this.bridge,
        addresses: [`${address}/${addresses.prefix}`],
        ...(asked?.MacAddress ? { macAddress: asked.MacAddress } : {}),
      },
      { containerId: request.id, netns },
    )
    undo.defer(() => driver.disconnect(endpoint))
    let ports: readonly PortMapping[] = []
    if (request.ports.length > 0) {
      undo.defer(() => publisher.release(request.id))
      ports = await publisher.reserve(request.id, request.ports, address)
      await publisher.publish({ containerId: request.id, address, mappings: ports })
    }
    undo.move()
    return { attachment: { network: 'bridge', endpointId: randomBytes(32).toString('hex'), endpoint }, ports }
  }

  /** Takes back what `attach()` gave; what is gone already is no error. */
  async detach(held: {
    readonly id: string
    readonly netns: string
    readonly attachment?: Attachment
    readonly ports: readonly PortMapping[]
  }): Promise<void> {
    const { driver, publisher, sandboxes, addresses } = this.#parts
    if (held.ports.length > 0) await publisher.release(held.id)
    if (held.attachment) {
      await driver.disconnect(held.attachment.endpoint)
      const address = addressOf(held.attachment)
      if (address) addresses.release(address)
    }
    if (held.netns.endsWith(`/netns/${held.id}`)) await sandboxes.discard(held.netns)
  }

  /** Frees what only this process holds; bridge, rules, namespaces and cables stay. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.publisher[Symbol.asyncDispose]()
    await this.#parts.sandboxes[Symbol.asyncDispose]()
    await this.#parts.firewall[Symbol.asyncDispose]()
  }

  /** Takes bridge, rules and accepts out of the kernel. The next start makes them again. */
  async remove(): Promise<void> {
    await this.#parts.driver.remove(this.bridge)
  }
}

/** Without its prefix length. */
export const addressOf = (attachment: Attachment | undefined): string | undefined =>
  attachment?.endpoint.addresses[0]?.split('/')[0]

const joined = ({ networkMode, netnsOf }: AttachRequest): string => {
  const name = networkMode.slice('container:'.length)
  const { netns, pid } = netnsOf(name)
  if (pid === 0) throw invalid(`cannot join network of a non running container: ${name}`)
  return netns === '' ? '' : `/proc/${pid}/ns/net`
}

const publishedPorts = ({ id, state }: Survivor): readonly PublishedPorts[] => {
  const address = addressOf(state.attachment)
  return address === undefined || state.ports.length === 0 ? [] : [{ containerId: id, address, mappings: state.ports }]
}
