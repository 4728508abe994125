import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { EndpointSettings } from '@slipway/client'
import {
  conflict,
  type Database,
  hasCode,
  invalid,
  type Logger,
  type PortMapping,
  type PortRequest,
  SlipwayError,
} from '@slipway/core'
import { type NetworkThread, networkThread } from '@slipway/linux'
import {
  bridgeNameOf,
  FirewallAccept,
  hostBindingOf,
  Keeper,
  NftPortPublisher,
  RulesWatch,
  SandboxPool,
} from '@slipway/network'
import { type HostFacts, readHostFacts } from '@slipway/runtime'
import type { EngineConfig } from '../config/load.ts'
import type { Attachment, ContainerRecord } from '../containers/records.ts'
import { KeyedLock } from '../keyed-lock.ts'
import { engineId } from '../system/identity.ts'
import { productVersion } from '../system/version.ts'
import { addressesOf, NetworkAddresses, subnetsFor } from './addresses.ts'
import { isMade, NetworkDrivers } from './drivers.ts'
import { checkEndpoint, freeInterface, type WantedEndpoint, wantedWayOut } from './endpoints.ts'
import type { WantedSubnets } from './ipam-config.ts'
import { ContainerNames, type Named, namedOf } from './names.ts'
import { ensurePredefined, refuseTakenSubnet } from './predefined.ts'
import { deleteNetwork, type NetworkRecord, saveNetwork } from './records.ts'
import { type PortChange, publishedAddresses, WaysOut } from './ways-out.ts'

/** What a container (or a build step) gets of the network while it runs. */
export interface Attached {
  /** Path of its network namespace; empty: the host's own. */
  readonly netns: string
  /** The namespace was made for it alone. */
  readonly own: boolean
  readonly attachments: readonly Attachment[]
  readonly ports: readonly PortMapping[]
}

export interface AttachRequest {
  readonly id: string
  readonly networkMode: string
  /** Keyed by the network's name. */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>
  readonly ports: readonly PortRequest[]
  /** For `container:NAME`. */
  readonly netnsOf: (idOrName: string) => Pick<ContainerRecord['state'], 'netns' | 'pid' | 'status'>
  /** Without it, it is not to be found by name. */
  readonly named?: Named
}

/** What `attach()` gave to a container that runs. */
export interface Held extends Pick<Attached, 'netns' | 'attachments' | 'ports'> {
  readonly id: string
}

/** What of it changes when it joins or leaves a network. */
type Changed = Pick<Attached, 'attachments' | 'ports'>

/** A container that runs since before this process began. */
export type Survivor = ContainerRecord

interface Parts {
  readonly config: EngineConfig
  readonly database: Database
  readonly thread: NetworkThread
  readonly firewall: FirewallAccept
  readonly drivers: NetworkDrivers
  readonly sandboxes: SandboxPool
  readonly keeper: Keeper
  readonly publisher: NftPortPublisher
  readonly watch: RulesWatch
  readonly addresses: NetworkAddresses
  readonly names: ContainerNames
  readonly hostFacts: HostFacts
  readonly logger: Logger
}

/** The engine's networks: which there are, who is on which, with which address and which published ports. */
export class Networks implements AsyncDisposable {
  readonly #parts: Parts
  readonly #ways: WaysOut
  readonly #byName = new Map<string, NetworkRecord>()
  /** Who is on a network, by its id, from before the cable is laid: what is in use isn't removed. */
  readonly #members = new Map<string, Set<string>>()
  /** Networks are made and removed one at a time: two at once might choose the same subnet. */
  readonly #changes = new KeyedLock()

  private constructor(parts: Parts, networks: readonly NetworkRecord[], survivors: readonly Survivor[]) {
    this.#parts = parts
    const bindingOf = (name: string): string | undefined => {
      const network = this.#byName.get(name)
      return (network && hostBindingOf(network)) ?? parts.config.publishAddress
    }
    this.#ways = new WaysOut({ ...parts, driver: parts.drivers.bridge, bindingOf })
    for (const network of networks) this.#byName.set(network.name, network)
    for (const { id, state } of survivors) {
      for (const { endpoint } of state.attachments) this.#membersOf(endpoint.networkId).add(id)
    }
  }

  /** Makes the bridges, or finds them again, with the rules and reservations of those that run on them. */
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
    await refuseTakenSubnet(thread, bridge)
    const firewall = new FirewallAccept({ logger })
    const drivers = new NetworkDrivers({ thread, firewall, logger })
    const addresses = new NetworkAddresses()
    await drivers.bridge.create(bridge)
    const inUse = new Set(survivors.map(({ state }) => state.netns))
    const directory = join(config.execRoot, 'netns')
    const sandboxes = await SandboxPool.open({ directory, thread, inUse, logger })
    const keeper = await Keeper.open({ socket: join(config.execRoot, 'keeper.sock'), version: productVersion, logger })
    const publisher = await NftPortPublisher.open({
      bridge: config.bridge,
      binder: keeper,
      onChange: () => firewall.checkSoon(),
      repair: () => drivers.bridge.create(bridge),
      logger,
    })
    const watch = new RulesWatch({
      thread,
      onChange: async (chains) => {
        const damaged = await drivers.bridge.repair(chains)
        if (damaged.includes(config.bridge)) await publisher.rewrite()
        firewall.checkSoon()
      },
      logger,
    })
    const hostFacts = readHostFacts()
    const names = new ContainerNames(keeper)
    const made = { config, database, thread, firewall, drivers, sandboxes, keeper, publisher, watch, addresses, names }
    const opened = new Networks({ ...made, hostFacts, logger }, networks, survivors)
    await opened.#restore(survivors)
    return opened
  }

  async #restore(survivors: readonly Survivor[]): Promise<void> {
    const { drivers, addresses, publisher, logger } = this.#parts
    const attachments = survivors.flatMap(({ state }) => state.attachments)
    const cables = new Set(attachments.map(({ endpoint }) => endpoint.hostInterfaceName))
    for (const network of this.all().filter(isMade)) {
      const here = attachments.filter(({ endpoint }) => endpoint.networkId === network.id)
      addresses.add(network, here.flatMap(addressesOf))
      try {
        await drivers.restore(network, cables)
      } catch (error) {
        // The others, and the engine, are not to go with it: its containers say so when they start.
        logger.error({ network: network.name, error }, 'a network could not be made again')
      }
    }
    await publisher.reconcile(
      survivors.flatMap(({ id, state }) => {
        const addresses = publishedAddresses(state.attachments)
        return addresses && state.ports.length > 0 ? [{ containerId: id, ...addresses, mappings: state.ports }] : []
      }),
    )
    await this.#parts.keeper.retain(survivors.map(({ id }) => id))
    for (const record of survivors) {
      await this.rename(record).catch((error) => {
        logger.warn({ containerId: record.id, error }, 'a container has no name server')
      })
    }
  }

  get hostFacts(): HostFacts {
    return this.#parts.hostFacts
  }

  /** In the order of their names. */
  all(): readonly NetworkRecord[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  byName(name: string): NetworkRecord | undefined {
    return this.#byName.get(name)
  }

  /** The host's address on the default bridge. */
  get gateway(): string {
    return this.bridge.subnets[0]?.gateway ?? ''
  }

  get bridge(): NetworkRecord {
    return this.#byName.get('bridge') as NetworkRecord
  }

  /** The ids of the containers that are on a network now. */
  membersOf(network: NetworkRecord): readonly string[] {
    return [...(this.#members.get(network.id) ?? [])]
  }

  /** Makes a network: record and bridge, or neither. Throws conflict for a name in use. */
  create(wanted: Omit<NetworkRecord, 'subnets'>, wantedSubnets: WantedSubnets): Promise<NetworkRecord> {
    return this.#changes.run('', async () => {
      const { config, database, drivers, addresses } = this.#parts
      if (this.#byName.has(wanted.name)) throw conflict(`network with name ${wanted.name} already exists`)
      const { driver: type } = wanted
      const bridges = type === 'bridge' ? this.all().filter((one) => one.driver === 'bridge') : []
      const twin = bridges.find((one) => bridgeNameOf(one) === bridgeNameOf(wanted))
      if (twin !== undefined) {
        throw new SlipwayError(
          'forbidden',
          `cannot create network ${wanted.id} (${bridgeNameOf(wanted)}): conflicts with network ${twin.id} (${bridgeNameOf(twin)}): networks have same bridge name`,
        )
      }
      const place = { pools: config.addressPools, networks: this.all(), engineId: await engineId(database) }
      const network = { ...wanted, subnets: await subnetsFor(wantedSubnets, place) }
      await using undo = new AsyncDisposableStack()
      // The record first: what a crash cuts off is made at the next start, or taken away with `network rm`.
      await saveNetwork(database, network)
      undo.defer(() => deleteNetwork(database, network.id))
      const driver = drivers.of(network)
      try {
        await driver.create(network)
      } catch (error) {
        // A link of that name that is no bridge isn't ours to delete.
        if (!hasCode(error, 'conflict')) await driver.remove(network)
        throw error
      }
      undo.move()
      addresses.add(network)
      this.#byName.set(network.name, network)
      return network
    })
  }

  /** Takes a network away. Throws forbidden, naming who is on it, while it is in use. */
  remove(network: NetworkRecord, nameOf: (containerId: string) => string): Promise<void> {
    return this.#changes.run('', async () => {
      const { database, drivers, addresses } = this.#parts
      if (this.#byName.get(network.name)?.id !== network.id) return
      const members = this.membersOf(network)
      if (members.length > 0) {
        const list = members.map((id) => `name:"${nameOf(id)}" id:"${id.slice(0, 12)}"`).join(', ')
        throw new SlipwayError(
          'forbidden',
          `error while removing network: network ${network.name} has active endpoints (${list})`,
        )
      }
      // Nobody can join from here on.
      this.#byName.delete(network.name)
      try {
        await drivers.of(network).remove(network)
        await deleteNetwork(database, network.id)
      } catch (error) {
        this.#byName.set(network.name, network)
        throw error
      }
      addresses.drop(network)
      this.#members.delete(network.id)
    })
  }

  async attach(request: AttachRequest): Promise<Attached> {
    const { networkMode: mode } = request
    if (mode.startsWith('container:')) return { netns: joined(request), own: false, attachments: [], ports: [] }
    try {
      return await this.#attach(request)
    } catch (error) {
      throw notSetUp(error)
    }
  }

  async #attach(request: AttachRequest): Promise<Attached> {
    const nothing = { attachments: [], ports: [] }
    const wanted = this.#wantedOf(request)
    if (wanted.some(({ network }) => network.driver === 'host')) return { netns: '', own: false, ...nothing }
    const netns = await this.#parts.sandboxes.take(request.id)
    if (wanted.some(({ network }) => network.driver === 'null')) return { netns, own: true, ...nothing }
    const attachments: Attachment[] = []
    try {
      const [way, way6] = [wantedWayOut(wanted, 'ipv4'), wantedWayOut(wanted, 'ipv6')]
      for (const one of wanted) {
        const interfaceName = freeInterface(attachments)
        const ways = { defaultRoute: one === way, defaultRoute6: one === way6 }
        attachments.push(await this.#join(request.id, netns, one, { interfaceName, ...ways }))
      }
      const [ports] = await Promise.all([
        this.#ways.publish(request.id, request.ports, attachments, request.named?.name),
        request.named && this.#parts.names.serve(request.named, netns, attachments),
      ])
      return { netns, own: true, attachments, ports }
    } catch (error) {
      await this.#parts.publisher.release(request.id)
      this.#parts.names.stop(request.id, attachments)
      for (const attachment of attachments) await this.#leave({ id: request.id, netns }, attachment)
      await this.#parts.sandboxes.discard(netns)
      throw error
    }
  }

  /** Puts a running container on one more network. The way out, and with it the ports, may lead through it from now on. */
  async connect(
    held: Held,
    wanted: WantedEndpoint,
    { named, ports }: { readonly named: Named; readonly ports: readonly PortRequest[] },
  ): Promise<Changed> {
    const { names } = this.#parts
    const { attachments: before, id, netns } = held
    const interfaceName = freeInterface(before)
    const attachment = await this.#join(id, netns, wanted, {
      interfaceName,
      defaultRoute: false,
      defaultRoute6: false,
    })
    const attachments = [...before, attachment]
    try {
      const published = await this.#ways.reroute(held, attachments, ports)
      await names.serve(named, netns, attachments)
      return { attachments, ports: published }
    } catch (error) {
      names.withdraw(id, [attachment])
      await this.#ways.reroute({ ...held, attachments }, before, ports)
      await this.#leave(held, attachment)
      throw error
    }
  }

  /** Takes a running container off a network. One that it isn't on is no error. */
  async disconnect(
    held: Held,
    network: string,
    { named, ports }: { readonly named: Named; readonly ports: readonly PortRequest[] },
  ): Promise<Changed> {
    const { names } = this.#parts
    const attachments = held.attachments.filter((attachment) => attachment.network !== network)
    const gone = held.attachments.filter((attachment) => attachment.network === network)
    const left = await this.#ways.reroute(held, attachments, ports)
    names.withdraw(held.id, gone)
    await names.serve(named, held.netns, attachments)
    for (const attachment of gone) await this.#leave(held, attachment)
    return { attachments, ports: left }
  }

  /**
   * Publishes further ports of a running container, and takes back some that it has: all of it, or nothing. Returns those that
   * it has from now on. Throws conflict in docker's words.
   */
  changePorts(held: Held, change: PortChange): Promise<readonly PortMapping[]> {
    return this.#ways.change(held, change)
  }

  /** Tells the other containers what a running one is called now. */
  async rename(record: ContainerRecord): Promise<void> {
    await this.#parts.names.serve(namedOf(record), record.state.netns, record.state.attachments)
  }

  /** The networks asked for, that of the network mode first: it becomes `eth0`. Throws not-found and invalid. */
  #wantedOf({ networkMode, endpoints }: AttachRequest): readonly WantedEndpoint[] {
    const names = Object.keys(endpoints).toSorted((a, b) => Number(b === networkMode) - Number(a === networkMode))
    const wanted = (names.length > 0 ? names : [networkMode]).map((name) => {
      const network = this.#byName.get(name) ?? this.all().find(({ id }) => id === name)
      if (network === undefined) {
        throw new SlipwayError('not-found', `network ${name} not found`)
      }
      return { network, settings: endpoints[name] ?? {} }
    })
    for (const one of wanted) checkEndpoint(one)
    return wanted
  }

  async #join(
    id: string,
    netns: string,
    { network, settings }: WantedEndpoint,
    options: { readonly interfaceName: string; readonly defaultRoute: boolean; readonly defaultRoute6: boolean },
  ): Promise<Attachment> {
    const { addresses, drivers } = this.#parts
    const members = this.#membersOf(network.id)
    members.add(id)
    await using undo = new AsyncDisposableStack()
    undo.defer(() => void members.delete(id))
    const { IPv4Address: ipv4, IPv6Address: ipv6 } = settings.IPAMConfig ?? {}
    const taken = addresses.take(network, { ipv4, ipv6 })
    undo.defer(() => {
      for (const address of taken) addresses.release(network.id, address)
    })
    const macAddress = settings.MacAddress?.replaceAll('-', ':').toLowerCase()
    const endpoint = await drivers
      .of(network)
      .connect(
        { network, addresses: taken, ...options, ...(macAddress ? { macAddress } : {}) },
        { containerId: id, netns },
      )
    undo.move()
    const priority = settings.GwPriority ?? 0
    return { network: network.name, endpointId: randomBytes(32).toString('hex'), endpoint, priority }
  }

  /** What isn't a cable to the host goes with the namespace, where that goes as well. */
  async #leave({ id, netns }: Pick<Held, 'id' | 'netns'>, { endpoint }: Attachment): Promise<void> {
    const { drivers, addresses } = this.#parts
    const network = this.all().find((one) => one.id === endpoint.networkId)
    const driver = network && isMade(network) ? drivers.of(network) : drivers.bridge
    await driver.disconnect(endpoint, { containerId: id, netns })
    for (const address of endpoint.addresses) addresses.release(endpoint.networkId, address)
    this.#members.get(endpoint.networkId)?.delete(id)
  }

  /** Takes back what `attach()` gave; what is gone already is no error. */
  async detach(held: Held): Promise<void> {
    const { publisher, sandboxes, names } = this.#parts
    names.stop(held.id, held.attachments)
    if (held.ports.length > 0) await publisher.release(held.id)
    for (const attachment of held.attachments) await this.#leave(held, attachment)
    if (held.netns.endsWith(`/netns/${held.id}`)) await sandboxes.discard(held.netns)
  }

  #membersOf(networkId: string): Set<string> {
    const members = this.#members.get(networkId) ?? new Set()
    this.#members.set(networkId, members)
    return members
  }

  /** Frees what only this process holds; bridges, rules, namespaces and cables stay, and so does the keeper. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.watch[Symbol.asyncDispose]()
    await this.#parts.keeper[Symbol.asyncDispose]()
    await this.#parts.publisher[Symbol.asyncDispose]()
    await this.#parts.sandboxes[Symbol.asyncDispose]()
    await this.#parts.firewall[Symbol.asyncDispose]()
  }

  /** Takes bridges, rules and accepts out of the kernel, and ends the keeper. The next start makes them again. */
  async clear(): Promise<void> {
    await this.#parts.watch[Symbol.asyncDispose]()
    await this.#parts.keeper.quit()
    for (const network of this.all().filter(isMade)) await this.#parts.drivers.of(network).remove(network)
  }
}

/** As docker begins what goes wrong with a container's networks when it starts. */
const notSetUp = (error: unknown): unknown =>
  error instanceof SlipwayError
    ? new SlipwayError(error.code, `failed to set up container networking: ${error.message}`, { cause: error })
    : error

const joined = ({ networkMode, netnsOf }: AttachRequest): string => {
  const name = networkMode.slice('container:'.length)
  const { netns, pid, status } = netnsOf(name)
  if (pid === 0)
    throw invalid(`cannot join network namespace of a non running container: container ${name} is ${status}`)
  return netns === '' ? '' : `/proc/${pid}/ns/net`
}
