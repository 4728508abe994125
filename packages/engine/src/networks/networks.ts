import type { EndpointSettings } from '@slipway/client'
import { conflict, type PortMapping, type PortRequest, SlipwayError } from '@slipway/core'
import { hostBindingOf } from '@slipway/network'
import { type HostFacts, readHostFacts } from '@slipway/runtime'
import type { Attachment, ContainerRecord } from '../containers/records.ts'
import { addressesOf } from './addresses.ts'
import { Cables } from './cables.ts'
import { isMade } from './drivers.ts'
import { checkEndpoint, freeInterface, type WantedEndpoint, wantedWayOut } from './endpoints.ts'
import type { WantedSubnets } from './ipam-config.ts'
import { MadeNetworks } from './made.ts'
import { type Named, namedOf } from './names.ts'
import { type NetworkOptions, type NetworkParts, openParts, type Survivor } from './parts.ts'
import type { NetworkRecord } from './records.ts'
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

/** The engine's networks: which there are, who is on which, with which address and which published ports. */
export class Networks implements AsyncDisposable {
  readonly #parts: NetworkParts
  readonly #made: MadeNetworks
  readonly #cables: Cables
  readonly #ways: WaysOut
  readonly hostFacts: HostFacts

  private constructor(parts: NetworkParts, networks: readonly NetworkRecord[], survivors: readonly Survivor[]) {
    this.#parts = parts
    this.#made = new MadeNetworks(parts, networks)
    this.#cables = new Cables(parts, this.#made)
    this.hostFacts = readHostFacts()
    const bindingOf = (name: string): string | undefined => {
      const network = this.byName(name)
      return (network && hostBindingOf(network)) ?? parts.config.publishAddress
    }
    this.#ways = new WaysOut({ ...parts, driver: parts.drivers.bridge, bindingOf })
    for (const { id, state } of survivors) {
      for (const { endpoint } of state.attachments) this.#made.membersOf(endpoint.networkId).add(id)
    }
  }

  /** Makes the bridges, or finds them again, with the rules and reservations of those that run on them. */
  static async open(options: NetworkOptions): Promise<Networks> {
    const { parts, networks } = await openParts(options)
    const opened = new Networks(parts, networks, options.survivors)
    await opened.#restore(options.survivors)
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

  /** In the order of their names. */
  all(): readonly NetworkRecord[] {
    return this.#made.all()
  }

  byName(name: string): NetworkRecord | undefined {
    return this.#made.byName(name)
  }

  /** The host's address on the default bridge; undefined without one. */
  get gateway(): string | undefined {
    return this.byName('bridge')?.subnets[0]?.gateway
  }

  /** Whether there is none of this name because the engine has no default bridge: who asks for it gets nothing, and no error. */
  isAbsentBridge(name: string): boolean {
    return name === 'bridge' && this.#parts.config.bridge === undefined
  }

  /** The ids of the containers that are on a network now. */
  membersOf(network: NetworkRecord): readonly string[] {
    return [...this.#made.membersOf(network.id)]
  }

  /** See `MadeNetworks`. */
  create(wanted: Omit<NetworkRecord, 'subnets'>, subnets: WantedSubnets): Promise<NetworkRecord> {
    return this.#made.create(wanted, subnets)
  }

  /** See `MadeNetworks`. */
  remove(network: NetworkRecord, nameOf: (containerId: string) => string): Promise<void> {
    return this.#made.remove(network, nameOf)
  }

  /** Throws in docker's words, for a network that isn't there as for an address or a port that is taken. */
  async attach(request: AttachRequest): Promise<Attached> {
    if (request.networkMode.startsWith('container:')) {
      return { netns: joined(request), own: false, attachments: [], ports: [] }
    }
    try {
      return await this.#attachOwn(request)
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error
      throw new SlipwayError(error.code, `failed to set up container networking: ${error.message}`, { cause: error })
    }
  }

  async #attachOwn(request: AttachRequest): Promise<Attached> {
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
        attachments.push(await this.#cables.join(request.id, netns, one, { interfaceName, ...ways }))
      }
      const [ports] = await Promise.all([
        this.#ways.publish(request.id, request.ports, attachments, request.named?.name),
        request.named && this.#parts.names.serve(request.named, netns, attachments),
      ])
      return { netns, own: true, attachments, ports }
    } catch (error) {
      await this.detach({ id: request.id, netns, attachments })
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
    const attachment = await this.#cables.join(id, netns, wanted, {
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
      await this.#try(id, () => this.#ways.reroute({ ...held, attachments }, before, ports))
      await this.#try(id, () => this.#cables.leave(held, attachment))
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
    // It has left, and the others are to know: what it may ask itself from now on is the lesser matter.
    await this.#try(held.id, () => names.serve(named, held.netns, attachments))
    for (const attachment of gone) await this.#try(held.id, () => this.#cables.leave(held, attachment))
    return { attachments, ports: left }
  }

  /** One step of what has to be undone whole: a failure is logged, and the next step is done all the same. */
  async #try(containerId: string, step: () => unknown): Promise<void> {
    try {
      await step()
    } catch (error) {
      this.#parts.logger.warn({ containerId, error }, 'something of a network could not be taken back')
    }
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
    const all = names.length > 0 ? names : [networkMode]
    const wanted = all.flatMap((name) => {
      if (this.isAbsentBridge(name)) return []
      const network = this.byName(name) ?? this.all().find(({ id }) => id === name)
      if (network === undefined) {
        throw new SlipwayError('not-found', `network ${name} not found`)
      }
      return [{ network, settings: endpoints[name] ?? {} }]
    })
    for (const one of wanted) checkEndpoint(one)
    return wanted
  }

  /** Takes back what `attach()` gave; what is gone already is no error, and what fails is logged. */
  async detach({ id, netns, attachments }: Pick<Held, 'id' | 'netns' | 'attachments'>): Promise<void> {
    const { publisher, sandboxes, names } = this.#parts
    names.stop(id, attachments)
    await this.#try(id, () => publisher.release(id))
    for (const attachment of attachments) await this.#try(id, () => this.#cables.leave({ id, netns }, attachment))
    if (netns.endsWith(`/netns/${id}`)) await this.#try(id, () => sandboxes.discard(netns))
  }

  /** Frees what only this process holds; bridges, rules, namespaces and cables stay, and so does the keeper. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { config, publisher, watch } = this.#parts
    await watch[Symbol.asyncDispose]()
    // A table that is named after no bridge is swept by nobody, should this engine never start again.
    if (config.bridge === undefined && publisher.isIdle) await this.#try('', () => publisher.removeTable())
    await this.#parts.keeper[Symbol.asyncDispose]()
    await publisher[Symbol.asyncDispose]()
    await this.#parts.sandboxes[Symbol.asyncDispose]()
    await this.#parts.firewall[Symbol.asyncDispose]()
  }

  /** Takes bridges, rules and accepts out of the kernel, and ends the keeper. The next start makes them again. */
  async clear(): Promise<void> {
    await this.#parts.watch[Symbol.asyncDispose]()
    await this.#parts.keeper.quit()
    for (const network of this.all().filter(isMade)) await this.#parts.drivers.of(network).remove(network)
    if (this.#parts.config.bridge === undefined) await this.#parts.publisher.removeTable()
  }
}

const otherOf = (netnsOf: AttachRequest['netnsOf'], name: string): ReturnType<AttachRequest['netnsOf']> => {
  try {
    return netnsOf(name)
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    throw new SlipwayError(error.code, `joining network namespace of container: ${error.message}`, { cause: error })
  }
}

/** The namespace of another container. Throws in docker's words where that isn't there or doesn't run. */
const joined = ({ networkMode, netnsOf }: AttachRequest): string => {
  const name = networkMode.slice('container:'.length)
  const { netns, pid, status } = otherOf(netnsOf, name)
  if (pid === 0) {
    throw conflict(`cannot join network namespace of a non running container: container ${name} is ${status}`)
  }
  return netns === '' ? '' : `/proc/${pid}/ns/net`
}
