import { isIPv4, isIPv6 } from 'node:net'
import {
  conflict,
  type Endpoint,
  type EndpointRequest,
  hasErrno,
  invalid,
  type Logger,
  type NetworkConfig,
  type NetworkDriver,
  type Sandbox,
  silentLogger,
} from '@slipway/core'
import type { ChainRules, LinkInfo, LinkOperation, NetworkThread } from '@slipway/linux'
import type { FirewallAccept } from '../firewall/accept.ts'
import { parseInterfaceAddress } from '../ipam/cidr.ts'
import { macAddressFor } from '../ipam/mac-address.ts'
import { runNft } from '../nft/run-nft.ts'
import { sweepTables } from '../nft/sweep.ts'
import { networkScript, removeScript, rulesOf, type TableNetwork } from '../nft/table.ts'
import { type Cable, freeName, layCable, needsHairpin, settle } from './cable.ts'
import { aliasFor, bridgeNameOf, hostInterfaceName } from './names.ts'
import { bridgeNameOption, masqueradeOf, mtuOf } from './options.ts'

export interface BridgeDriverOptions {
  readonly thread: Pick<NetworkThread, 'run' | 'listLinks' | 'listAddresses' | 'nftablesSince'>
  readonly firewall: FirewallAccept
  readonly logger?: Logger
}

/** Containers on a Linux bridge, behind NAT. The kernel's state is named after the bridge, and outlives the daemon. */
export class BridgeDriver implements NetworkDriver {
  readonly type = 'bridge'
  readonly #thread: BridgeDriverOptions['thread']
  readonly #firewall: FirewallAccept
  readonly #logger: Logger
  /** By bridge: those whose rules are to be in the kernel. */
  readonly #made = new Map<string, NetworkConfig>()

  constructor({ thread, firewall, logger = silentLogger }: BridgeDriverOptions) {
    this.#thread = thread
    this.#firewall = firewall
    this.#logger = logger
  }

  /** What fails half-way leaves nothing, but what was there before. */
  async create(network: NetworkConfig): Promise<void> {
    const before = await this.#find(bridgeNameOf(network))
    try {
      await this.#make(network, before)
    } catch (error) {
      if (before === undefined) await this.#clear(bridgeNameOf(network))
      throw error
    }
  }

  async #make(network: NetworkConfig, before: LinkInfo | undefined): Promise<void> {
    const name = bridgeNameOf(network)
    const [first] = network.subnets
    if (first === undefined) throw invalid(`network ${network.name} has no subnet`)
    const addresses = network.subnets.map(({ cidr, gateway }) => `${gateway}/${parseInterfaceAddress(cidr).prefix}`)
    const make = [
      // Without an address of its own a bridge takes a port's, and changes it as ports come and go.
      { do: 'create-bridge', name, macAddress: macAddressFor(first.gateway), ...mtuOf(network) },
      { do: 'set-alias', name, alias: aliasFor(network) },
    ] as const
    await this.#thread.run([
      ...(before === undefined ? make : []),
      ...(hasIpv6(network) ? ipv6Switches(name) : []),
      // Before the new ones: one of the same range would go with the old.
      ...(before !== undefined && isOurs(before, network) ? await this.#oldAddresses(before, addresses) : []),
      ...addresses.map((address): LinkOperation => ({ do: 'add-address', name, address })),
      { do: 'set-up', name },
      { do: 'sysctl', key: 'net/ipv4/ip_forward', value: 1 },
      // For 127.0.0.1: packets of the loopback may leave through the bridge, and their answers come back.
      { do: 'sysctl', key: `net/ipv4/conf/${name}/route_localnet`, value: 1 },
    ])
    await runNft(networkScript(tableOf(network)))
    await this.#firewall.add(name, { ipv6: hasIpv6(network) })
    this.#made.set(name, network)
  }

  /** Takes away as much as can be: what resists is swept at the next start, for nothing refers to it. */
  async #clear(name: string): Promise<void> {
    this.#made.delete(name)
    for (const [what, take] of [
      ['link', () => this.#thread.run([{ do: 'delete-link', name }])],
      ['rules', () => runNft(removeScript(name))],
      ['accepts', () => this.#firewall.remove(name)],
    ] as const) {
      await take().catch((error: unknown) =>
        this.#logger.warn({ bridge: name, what, error }, 'a bridge left something'),
      )
    }
  }

  /** Makes rules again that someone else has taken away (`nft flush ruleset`). Returns the names of those bridges. */
  async repair(chains: readonly ChainRules[]): Promise<readonly string[]> {
    const damaged = [...this.#made].filter(([bridge, network]) => {
      const { ip, ip6 } = rulesOf(tableOf(network))
      const count = (family: string): number =>
        chains
          .filter((one) => one.table === bridge && one.family === family && one.chain !== 'user')
          .reduce((sum, { rules }) => sum + rules, 0)
      return count('ip') < ip || count('ip6') < ip6
    })
    for (const [bridge, network] of damaged) {
      this.#logger.warn({ bridge }, 'someone has taken rules of ours away: they are made again')
      await this.create(network)
    }
    return damaged.map(([bridge]) => bridge)
  }

  /** Takes away the rules of bridges that are gone; see `sweepTables()`. `chains`: what is known to be in the kernel. */
  async sweepTables(chains?: readonly ChainRules[]): Promise<void> {
    const except = new Set(this.#made.keys())
    const swept = await sweepTables({ thread: this.#thread, except, ...(chains === undefined ? {} : { chains }) })
    if (swept.length > 0) this.#logger.warn({ tables: swept }, 'rules of bridges that are gone were taken away')
  }

  /** The link last: while something of it can't be taken away, the network is as it was. One that we found there stays. */
  async remove(network: NetworkConfig): Promise<void> {
    const name = bridgeNameOf(network)
    const link = await this.#find(name)
    this.#made.delete(name)
    let hasRules = true
    try {
      await this.#firewall.remove(name)
      await runNft(removeScript(name))
      hasRules = false
      if (link !== undefined && isOurs(link, network)) await this.#thread.run([{ do: 'delete-link', name }])
    } catch (error) {
      if (hasRules) this.#made.set(name, network)
      await this.#make(network, link).catch((reason: unknown) => {
        this.#logger.warn({ bridge: name, error: reason }, 'a bridge could be neither removed nor mended')
      })
      throw error
    }
  }

  /** One message to the thread, one batch to the kernel: about 5 ms. */
  async connect(request: EndpointRequest, sandbox: Sandbox): Promise<Endpoint> {
    const { network, addresses, macAddress, interfaceName = 'eth0' } = request
    const [first] = addresses
    if (first === undefined) throw invalid('an endpoint on a bridge needs an address')
    // At the start of the engine it may not have been possible.
    if (!this.#made.has(bridgeNameOf(network))) await this.create(network)
    const gateways = network.internal ? [] : network.subnets.map(({ gateway }) => gateway)
    const [gateway, gateway6] = [gateways.find(isIPv4), gateways.find(isIPv6)]
    const cable: Cable = {
      network,
      netns: sandbox.netns,
      hairpin: await needsHairpin(),
      leadsOut: request.defaultRoute,
      leadsOut6: request.defaultRoute6,
      endpoint: {
        networkId: network.id,
        interfaceName,
        hostInterfaceName: hostInterfaceName(sandbox.containerId, network.id),
        addresses,
        ...(gateway === undefined ? {} : { gateway }),
        ...(gateway6 === undefined ? {} : { gateway6 }),
        macAddress: macAddress ?? macAddressFor(parseInterfaceAddress(first).address),
      },
    }
    try {
      return await this.#lay(cable)
    } catch (error) {
      await this.disconnect(cable.endpoint)
      throw error
    }
  }

  async #lay(cable: Cable): Promise<Endpoint> {
    try {
      await this.#thread.run([layCable(cable), ...settle(cable)])
      return cable.endpoint
    } catch (error) {
      if (hasErrno(error, 'EEXIST')) return this.#mend(cable)
      throw error
    }
  }

  /** Makes the sandbox's ways out lead through these endpoints instead of others. */
  async leadOut({ gateway, gateway6 }: WaysOut, { netns }: Sandbox): Promise<void> {
    const vias = [gateway, gateway6].filter((via) => via !== undefined)
    if (vias.length === 0) return
    await this.#thread.run(vias.map((via) => ({ do: 'add-route', destination: 'default', via, netns })))
  }

  /**
   * Takes away what a crash left on a network's bridge: the cables of endpoints that no record knows. `known` holds the
   * host's ends.
   */
  async sweep(network: NetworkConfig, known: ReadonlySet<string>): Promise<void> {
    const links = await this.#thread.listLinks()
    const bridge = links.find(({ name }) => name === bridgeNameOf(network))
    const stale = links.filter(
      ({ name, master, kind }) =>
        kind === 'veth' && master !== undefined && master === bridge?.index && !known.has(name),
    )
    if (stale.length > 0) await this.#thread.run(stale.map(({ name }) => ({ do: 'delete-link', name })))
  }

  /**
   * Returns at once: deleting a link makes the kernel wait for all its processors, 10 to 20 ms, and nothing depends on it,
   * for whatever is asked of the thread later is done later.
   */
  async disconnect({ hostInterfaceName: name }: Endpoint): Promise<void> {
    if (name === '') return
    this.#thread.run([{ do: 'delete-link', name }]).catch((error: unknown) => {
      this.#logger.warn({ link: name, error }, 'a link could not be removed')
    })
  }

  /**
   * One of the ends is taken. Ours, from before a restart, is mended in place, or laid anew if its other end is gone.
   * Another network's `eth0` means that we are the container's second.
   */
  async #mend({ endpoint, ...rest }: Cable): Promise<Endpoint> {
    const host = endpoint.hostInterfaceName
    const [outside, inside] = await Promise.all([
      this.#thread.listLinks(),
      this.#thread.listLinks({ netns: rest.netns }),
    ])
    const isLaid = outside.some(({ name }) => name === host)
    const ours = isLaid ? inside.find((link) => link.macAddress === endpoint.macAddress)?.name : undefined
    const cable = {
      ...rest,
      endpoint: { ...endpoint, interfaceName: ours ?? freeName(inside.map(({ name }) => name)) },
    }
    await this.#thread.run(
      ours === undefined
        ? [{ do: 'delete-link', name: host }, layCable(cable), ...settle(cable)]
        : [
            { do: 'set-master', name: host, master: bridgeNameOf(rest.network) },
            { do: 'set-up', name: host },
            ...settle(cable),
          ],
    )
    return cable.endpoint
  }

  /** What the bridge was before its network was given another range (`--bip`). Link-local ones are the kernel's. */
  async #oldAddresses({ index, name }: LinkInfo, wanted: readonly string[]): Promise<readonly LinkOperation[]> {
    return (await this.#thread.listAddresses())
      .filter(({ linkIndex, address }) => linkIndex === index && !wanted.includes(address) && !/^fe80:/.test(address))
      .map(({ address }) => ({ do: 'delete-address', name, address }))
  }

  /** Throws conflict for a link of another kind: hardware isn't to be changed for a mistyped name. */
  async #find(name: string): Promise<LinkInfo | undefined> {
    const link = (await this.#thread.listLinks()).find((one) => one.name === name)
    if (link !== undefined && link.kind !== 'bridge') throw conflict(`existing interface ${name} is not a bridge`)
    return link
  }
}

/** Whether we made the link; one without a name that someone chose can only be ours. */
const isOurs = ({ alias }: LinkInfo, network: NetworkConfig): boolean =>
  alias === aliasFor(network) || network.options[bridgeNameOption] === undefined

const tableOf = (network: NetworkConfig): TableNetwork => ({
  bridge: bridgeNameOf(network),
  subnets: network.subnets.map(({ cidr }) => cidr),
  gateways: network.subnets.map(({ gateway }) => gateway),
  internal: network.internal,
  masquerade: masqueradeOf(network),
})

/** The next hops of a sandbox, for each family; undefined: stays as it is. */
export type WaysOut = Pick<Endpoint, 'gateway' | 'gateway6'>

const hasIpv6 = ({ subnets }: NetworkConfig): boolean => subnets.some(({ cidr }) => cidr.includes(':'))

/** An address has to be of the network's; where a router announces itself, it isn't for us. */
const ipv6Switches = (name: string): readonly LinkOperation[] => [
  { do: 'sysctl', key: `net/ipv6/conf/${name}/disable_ipv6`, value: 0 },
  { do: 'sysctl', key: `net/ipv6/conf/${name}/accept_ra`, value: 0 },
  { do: 'sysctl', key: 'net/ipv6/conf/all/forwarding', value: 1 },
]
