import { readFile } from 'node:fs/promises'
import type { Endpoint, NetworkConfig } from '@slipway/core'
import type { LinkOperation } from '@slipway/linux'
import { bridgeNameOf } from './names.ts'
import { iccOf, mtuOf } from './options.ts'

/** A veth pair from the bridge into a sandbox. */
export interface Cable {
  readonly network: NetworkConfig
  readonly netns: string
  readonly endpoint: Endpoint
  readonly hairpin: boolean
  /** Undefined: if it is the first. */
  readonly leadsOut: boolean | undefined
  readonly leadsOut6: boolean | undefined
}

/** Makes both ends, and the host's a port of the bridge. */
export const layCable = ({ network, netns, endpoint }: Cable): LinkOperation => ({
  do: 'create-veth',
  name: endpoint.hostInterfaceName,
  master: bridgeNameOf(network),
  up: true,
  ...mtuOf(network),
  peer: { name: endpoint.interfaceName, macAddress: endpoint.macAddress, netns, ...mtuOf(network) },
})

/** What follows the cable, and may be done again. */
export const settle = ({ network, endpoint, netns, hairpin, ...ways }: Cable): readonly LinkOperation[] => {
  const { interfaceName: name, hostInterfaceName, addresses, gateway, gateway6 } = endpoint
  const isFirst = name === 'eth0'
  const vias = [...((ways.leadsOut ?? isFirst) ? [gateway] : []), ...((ways.leadsOut6 ?? isFirst) ? [gateway6] : [])]
  const isolated = !iccOf(network)
  return [
    ...(addresses.some((address) => address.includes(':'))
      ? [{ do: 'sysctl', key: `net/ipv6/conf/${name}/disable_ipv6`, value: 0, netns } as const]
      : []),
    ...addresses.map((address): LinkOperation => ({ do: 'add-address', name, address, netns })),
    { do: 'set-up', name, netns },
    ...vias
      .filter((via) => via !== undefined)
      .map((via): LinkOperation => ({ do: 'add-route', destination: 'default', via, netns })),
    ...(hairpin || isolated ? [{ do: 'set-bridge-port', name: hostInterfaceName, hairpin, isolated } as const] : []),
  ]
}

/** The first `ethN` that no link in a sandbox has. */
export const freeName = (taken: readonly string[]): string => {
  for (let number = 0; ; number += 1) {
    if (!taken.includes(`eth${number}`)) return `eth${number}`
  }
}

/**
 * With br_netfilter the bridge itself translates addresses: a container that asks for its own published port has its
 * packet sent back to where it came from, which ports don't do unless told.
 */
export const needsHairpin = async (): Promise<boolean> => {
  const text = await readFile('/proc/sys/net/bridge/bridge-nf-call-iptables', 'utf8').catch(() => '0')
  return text.trim() === '1'
}
