import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EndpointSettings } from '@slipway/client'
import { type Database, invalid, type Logger, type PortMapping, type PublishedPorts, SlipwayError } from '@slipway/core'
import { type NetworkThread, networkThread } from '@slipway/linux'
import {
  AddressPool,
  BridgeDriver,
  bridgeNameOption,
  chooseSubnet,
  FirewallAccept,
  hostResolvConf,
  hostSubnets,
  hostsFile,
  NftPortPublisher,
  parseInterfaceAddress,
  resolvConf,
  SandboxPool,
} from '@slipway/network'
import { type HostFacts, readHostFacts } from '@slipway/runtime'
import type { EngineConfig } from '../config/load.ts'
import type { Attachment, ContainerRecord } from '../containers/records.ts'
import { loadNetworks, type NetworkRecord, saveNetwork } from './records.ts'

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

export interface NetworkFiles {
  readonly hostname: string
  readonly hosts: string
  readonly resolvConf: string
}

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

const predefined = ['bridge', 'host', 'none'] as const

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

  get bridge(): NetworkRecord {
    return this.all().find(({ name }) => name === 'bridge') as NetworkRecord
  }

  /** Throws when a container can't be made with this network mode. */
  async check(mode: string, idOf: (idOrName: string) => string): Promise<void> {
    if (mode.startsWith('container:')) idOf(mode.slice('container:'.length))
    else if (!this.all().some(({ id, name }) => id === mode || name === mode)) {
      throw new SlipwayError('not-found', `network ${mode} not found`)
    }
  }

  async attach(request: AttachRequest): Promise<Attached> {
    const { networkMode: mode } = request
    if (mode === 'host') return { netns: '', own: false, ports: [] }
    if (mode.startsWith('container:')) return { netns: joined(request), own: false, ports: [] }
    const netns = await this.#parts.sandboxes.take(request.id)
    if (mode === 'none') return { netns, own: true, ports: [] }
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
    const address = asked?.IPAMConfig?.IPv4Address || addresses.allocate()
    if (asked?.IPAMConfig?.IPv4Address) {
      throw invalid('user specified IP address is supported on user defined networks only')
    }
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

  /** Writes the files that are mounted over /etc/hostname, /etc/hosts and /etc/resolv.conf. */
  async writeFiles(
    files: NetworkFiles,
    container: {
      readonly hostname: string
      readonly domainname?: string
      readonly hostNetwork: boolean
      readonly extraHosts?: readonly string[]
      readonly dns?: readonly string[]
      readonly search?: readonly string[]
      readonly options?: readonly string[]
    },
    attachment: Attachment | undefined,
  ): Promise<void> {
    const { hostname, domainname = '', hostNetwork, extraHosts = [], dns = [], search = [], options = [] } = container
    const address = addressOf(attachment)
    const hostsText = hostsFile({
      hostname,
      domainname,
      addresses: address ? [address] : [],
      extraHosts,
      hostGateway: this.bridge.subnets[0]?.gateway ?? '',
      ...(hostNetwork ? { host: await readFile('/etc/hosts', 'utf8').catch(() => '') } : {}),
    })
    const resolvText = resolvConf({
      host: await hostResolvConf(),
      hostNetwork,
      ...(dns.length > 0 ? { dns } : {}),
      ...(search.length > 0 ? { search } : {}),
      ...(options.length > 0 ? { options } : {}),
    })
    await Promise.all([
      writeFile(files.hostname, `${hostname}\n`, { mode: 0o644 }),
      writeFile(files.hosts, hostsText, { mode: 0o644 }),
      writeFile(files.resolvConf, resolvText, { mode: 0o644 }),
    ])
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

  /** The network of one build step: see `StepNetworks` of the build package. */
  async attachStep(
    id: string,
    mode: 'default' | 'none' | 'host',
    options: { readonly directory: string; readonly extraHosts: readonly string[] },
  ): Promise<AsyncDisposable & { readonly netns?: string; readonly files: NetworkFiles }> {
    const attached = await this.attach({
      id,
      networkMode: mode === 'default' ? 'bridge' : mode,
      endpoints: {},
      ports: [],
      netnsOf: () => ({ netns: '', pid: 0 }),
    })
    const files = {
      hostname: join(options.directory, 'hostname'),
      hosts: join(options.directory, 'hosts'),
      resolvConf: join(options.directory, 'resolv.conf'),
    }
    const release = (): Promise<void> => this.detach({ id, ...attached })
    try {
      await mkdir(options.directory, { recursive: true, mode: 0o711 })
      const step = { hostname: id.slice(0, 12), hostNetwork: mode === 'host', extraHosts: options.extraHosts }
      await this.writeFiles(files, step, attached.attachment)
    } catch (error) {
      await release()
      throw error
    }
    return { ...(attached.netns === '' ? {} : { netns: attached.netns }), files, [Symbol.asyncDispose]: release }
  }
}

const addressOf = (attachment: Attachment | undefined): string | undefined =>
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

/** The three networks every engine has. The bridge keeps its subnet from the first start on, unless `--bip` says otherwise. */
const ensurePredefined = async (database: Database, config: EngineConfig): Promise<readonly NetworkRecord[]> => {
  const known = await loadNetworks(database)
  const before = known.find(({ name }) => name === 'bridge')
  const subnet = config.bip ? subnetOfBip(config.bip) : (before?.subnets[0] ?? (await freeSubnet(config)))
  const options = {
    [bridgeNameOption]: config.bridge,
    'com.docker.network.bridge.default_bridge': 'true',
    'com.docker.network.bridge.enable_icc': 'true',
    'com.docker.network.bridge.enable_ip_masquerade': 'true',
    'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
    'com.docker.network.driver.mtu': '1500',
  }
  const [bridge, host, none] = predefined
  await saveNetwork(database, { name: bridge, driver: 'bridge', subnets: [subnet], options })
  await saveNetwork(database, { name: host, driver: 'host', subnets: [], options: {} })
  await saveNetwork(database, { name: none, driver: 'null', subnets: [], options: {} })
  return loadNetworks(database)
}

const subnetOfBip = (bip: string): { cidr: string; gateway: string } => {
  const { network } = parseInterfaceAddress(bip)
  const pool = new AddressPool({ subnet: bip, gateway: bip.split('/')[0] ?? '' })
  return { cidr: `${pool.subnet.split('/')[0]}/${network.prefix}`, gateway: pool.gateway }
}

const freeSubnet = async (config: EngineConfig): Promise<{ cidr: string; gateway: string }> => {
  const inUse = await hostSubnets(new Set([config.bridge]))
  const cidr = chooseSubnet({ ...(config.addressPools.length > 0 ? { pools: config.addressPools } : {}), inUse })
  return { cidr, gateway: new AddressPool({ subnet: cidr }).gateway }
}
