import { isIPv4, isIPv6 } from 'node:net'
import {
  type Endpoint,
  type EndpointRequest,
  invalid,
  type NetworkConfig,
  type NetworkDriver,
  type Sandbox,
} from '@slipway/core'
import type { LinkInfo, LinkOperation, NetworkThread } from '@slipway/linux'
import { aliasFor } from '../bridge/names.ts'
import { mtuOf } from '../bridge/options.ts'
import { parseInterfaceAddress } from '../ipam/cidr.ts'
import { macAddressFor } from '../ipam/mac-address.ts'
import { dummyNameOf, hasParent, ipvlanModeOf, macvlanModeOf, parentOf, vlanOf } from './options.ts'

/**
 * Containers beside the host on one of its links, with addresses of the network that the link is in: no NAT, no published
 * ports, and nothing between them and the others there. The host itself doesn't reach them (ip-link(8)): the kernel has it so.
 */
export class ParentDriver implements NetworkDriver {
  readonly type: 'macvlan' | 'ipvlan'
  readonly #thread: NetworkThread

  constructor(type: 'macvlan' | 'ipvlan', { thread }: { readonly thread: NetworkThread }) {
    this.type = type
    this.#thread = thread
  }

  /** Makes the parent where it can be made: a VLAN on a link, or one that leads nowhere. Throws invalid in docker's words. */
  async create(network: NetworkConfig): Promise<void> {
    const name = parentOf(network)
    const links = await this.#thread.listLinks()
    if (links.some((link) => link.name === name)) return
    await this.#thread.run([this.#makeParent(network, links)])
    try {
      await this.#thread.run([
        { do: 'set-alias', name, alias: aliasFor(network) },
        { do: 'set-up', name },
      ])
    } catch (error) {
      await this.#thread.run([{ do: 'delete-link', name }])
      throw error
    }
  }

  /** A parent that was there before stays. */
  async remove(network: NetworkConfig): Promise<void> {
    const links = await this.#thread.listLinks()
    const ours = links.find(({ name, alias }) => name === parentOf(network) && alias === aliasFor(network))
    if (ours !== undefined) await this.#thread.run([{ do: 'delete-link', name: ours.name }])
  }

  async connect(request: EndpointRequest, { netns }: Sandbox): Promise<Endpoint> {
    const { network, addresses, interfaceName: name = 'eth0' } = request
    const [first] = addresses
    if (first === undefined) throw invalid(`an endpoint on a ${this.type} network needs an address`)
    const gateways = network.internal || !hasParent(network) ? [] : network.subnets.map(({ gateway }) => gateway)
    const [gateway, gateway6] = [gateways.find(isIPv4), gateways.find(isIPv6)]
    const { defaultRoute: leads = name === 'eth0', defaultRoute6: leads6 = name === 'eth0' } = request
    const vias = [leads ? gateway : undefined, leads6 ? gateway6 : undefined].filter((via) => via !== undefined)
    const macAddress = request.macAddress ?? macAddressFor(parseInterfaceAddress(first).address)
    await this.#thread.run([this.#makeLink(network, { name, into: netns, macAddress })])
    const settle: readonly LinkOperation[] = [
      ...(addresses.some((address) => address.includes(':'))
        ? [{ do: 'sysctl', key: `net/ipv6/conf/${name}/disable_ipv6`, value: 0, netns } as const]
        : []),
      ...addresses.map((address): LinkOperation => ({ do: 'add-address', name, address, netns })),
      { do: 'set-up', name, netns },
      ...vias.map((via): LinkOperation => ({ do: 'add-route', destination: 'default', via, netns })),
    ]
    try {
      await this.#thread.run(settle)
    } catch (error) {
      await this.#thread.run([{ do: 'delete-link', name, netns }])
      throw error
    }
    return {
      networkId: network.id,
      interfaceName: name,
      hostInterfaceName: '',
      addresses,
      ...(gateway === undefined ? {} : { gateway }),
      ...(gateway6 === undefined ? {} : { gateway6 }),
      // All of an ipvlan bear the address of their parent.
      macAddress: this.type === 'macvlan' ? macAddress : '',
    }
  }

  async disconnect({ interfaceName: name }: Endpoint, { netns }: Sandbox): Promise<void> {
    await this.#thread.run([{ do: 'delete-link', name, netns }])
  }

  #makeParent(network: NetworkConfig, links: readonly LinkInfo[]): LinkOperation {
    const name = parentOf(network)
    // docker takes a dummy link, which not every kernel has: a bridge without ports is as empty.
    if (!hasParent(network)) return { do: 'create-bridge', name: dummyNameOf(network) }
    const vlan = vlanOf(name)
    if (vlan === undefined || !links.some((link) => link.name === vlan.base)) {
      throw invalid(`-o parent interface was not found on the host: ${name}`)
    }
    return { do: 'create-vlan', name, parent: vlan.base, id: vlan.id }
  }

  #makeLink(
    network: NetworkConfig,
    link: { readonly name: string; readonly into: string; readonly macAddress: string },
  ): LinkOperation {
    const settings = { ...link, ...mtuOf(network), parent: parentOf(network) }
    if (this.type === 'macvlan') return { do: 'create-macvlan', ...settings, mode: macvlanModeOf(network) }
    const { macAddress: _, ...inherited } = settings
    return { do: 'create-ipvlan', ...inherited, ...ipvlanModeOf(network) }
  }
}
