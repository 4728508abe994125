import { readFile } from 'node:fs/promises'
import {
  type Endpoint,
  type EndpointRequest,
  hasErrno,
  invalid,
  type NetworkConfig,
  type NetworkDriver,
  type Sandbox,
} from '@slipway/core'
import type { LinkOperation, NetworkThread } from '@slipway/linux'
import type { FirewallAccept } from '../firewall/accept.ts'
import { parseInterfaceAddress } from '../ipam/cidr.ts'
import { macAddressFor } from '../ipam/mac-address.ts'
import { runNft } from '../nft/run-nft.ts'
import { networkScript, removeScript } from '../nft/table.ts'
import { bridgeNameOf, hostInterfaceName } from './names.ts'

export interface BridgeDriverOptions {
  readonly thread: NetworkThread
  readonly firewall: FirewallAccept
}

const mtuOption = 'com.docker.network.driver.mtu'
const masqueradeOption = 'com.docker.network.bridge.enable_ip_masquerade'

const mtuOf = ({ options }: NetworkConfig): { readonly mtu?: number } => {
  const text = options[mtuOption]
  if (text === undefined || text === '0') return {}
  const mtu = Number(text)
  if (!Number.isInteger(mtu) || mtu < 68 || mtu > 65535)
    throw invalid(`invalid MTU: ${JSON.stringify(text.slice(0, 32))}`)
  return { mtu }
}

/** Containers on a Linux bridge, behind NAT. The kernel's state is named after the bridge, and outlives the daemon. */
export class BridgeDriver implements NetworkDriver {
  readonly type = 'bridge'
  readonly #thread: NetworkThread
  readonly #firewall: FirewallAccept

  constructor({ thread, firewall }: BridgeDriverOptions) {
    this.#thread = thread
    this.#firewall = firewall
  }

  async create(network: NetworkConfig): Promise<void> {
    const name = bridgeNameOf(network)
    const [first] = network.subnets
    if (first === undefined) throw invalid(`network ${network.name} has no subnet`)
    await this.#thread.run([
      // Without an address of its own a bridge takes a port's, and changes it as ports come and go.
      { do: 'create-bridge', name, macAddress: macAddressFor(first.gateway), ...mtuOf(network), tolerate: ['EEXIST'] },
      ...network.subnets.map(({ cidr, gateway }): LinkOperation => {
        const { network: range } = parseInterfaceAddress(cidr)
        return { do: 'add-address', name, address: `${gateway}/${range.prefix}` }
      }),
      { do: 'set-up', name },
      { do: 'sysctl', key: 'net/ipv4/ip_forward', value: 1 },
      // For 127.0.0.1: packets of the loopback may leave through the bridge, and their answers come back.
      { do: 'sysctl', key: `net/ipv4/conf/${name}/route_localnet`, value: 1 },
    ])
    await runNft(
      networkScript({
        bridge: name,
        subnets: network.subnets
          .map(({ cidr }) => cidr)
          .filter((cidr) => parseInterfaceAddress(cidr).network.family === 4),
        internal: network.internal,
        masquerade: network.options[masqueradeOption] !== 'false',
      }),
    )
    await this.#firewall.add(name)
  }

  async remove(network: NetworkConfig): Promise<void> {
    const name = bridgeNameOf(network)
    await this.#thread.run([{ do: 'delete-link', name }])
    await runNft(removeScript(name))
    await this.#firewall.remove(name)
  }

  /** One message to the thread, and one batch to the kernel. */
  async connect({ network, addresses, macAddress }: EndpointRequest, sandbox: Sandbox): Promise<Endpoint> {
    const [first] = addresses
    if (first === undefined) throw invalid('an endpoint on a bridge needs an address')
    const gateway = network.internal ? undefined : network.subnets[0]?.gateway
    const endpoint: Endpoint = {
      networkId: network.id,
      interfaceName: 'eth0',
      hostInterfaceName: hostInterfaceName(sandbox.containerId, network.id),
      addresses,
      ...(gateway === undefined ? {} : { gateway }),
      macAddress: macAddress ?? macAddressFor(parseInterfaceAddress(first).address),
    }
    const bridge = bridgeNameOf(network)
    const settle = await this.#settle(endpoint, sandbox)
    const cable: LinkOperation = {
      do: 'create-veth',
      name: endpoint.hostInterfaceName,
      master: bridge,
      up: true,
      ...mtuOf(network),
      peer: {
        name: endpoint.interfaceName,
        macAddress: endpoint.macAddress,
        netns: sandbox.netns,
        ...mtuOf(network),
      },
    }
    try {
      await this.#thread.run([cable, ...settle])
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) {
        await this.disconnect(endpoint)
        throw error
      }
      await this.#repair(endpoint, bridge, cable, settle)
    }
    return endpoint
  }

  async disconnect(endpoint: Endpoint): Promise<void> {
    if (endpoint.hostInterfaceName === '') return
    await this.#thread.run([{ do: 'delete-link', name: endpoint.hostInterfaceName }])
  }

  /** What follows the cable, and may be done again. */
  async #settle(endpoint: Endpoint, { netns }: Sandbox): Promise<readonly LinkOperation[]> {
    const { interfaceName: name, gateway } = endpoint
    return [
      ...endpoint.addresses.map((address): LinkOperation => ({ do: 'add-address', name, address, netns })),
      { do: 'set-up', name, netns },
      ...(gateway === undefined ? [] : [{ do: 'add-route', destination: 'default', via: gateway, netns } as const]),
      // With br_netfilter, a container that asks for its own published port has its packet sent back by the bridge.
      ...((await callsIptables())
        ? [{ do: 'set-bridge-port', name: endpoint.hostInterfaceName, hairpin: true } as const]
        : []),
    ]
  }

  /** The cable is there already, from before a restart: mend it in place, or lay it anew if its other end is gone. */
  async #repair(
    endpoint: Endpoint,
    bridge: string,
    cable: LinkOperation,
    settle: readonly LinkOperation[],
  ): Promise<void> {
    const name = endpoint.hostInterfaceName
    try {
      await this.#thread.run([{ do: 'set-master', name, master: bridge }, { do: 'set-up', name }, ...settle])
    } catch {
      await this.#thread.run([{ do: 'delete-link', name }, cable, ...settle])
    }
  }
}

/** Whether bridged frames go through the IP rules (br_netfilter's sysctl). */
const callsIptables = async (): Promise<boolean> => {
  const text = await readFile('/proc/sys/net/bridge/bridge-nf-call-iptables', 'utf8').catch(() => '0')
  return text.trim() === '1'
}
