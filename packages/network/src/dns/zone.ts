import { isIPv4, isIPv6 } from 'node:net'
import { formatAddress } from '../ipam/cidr.ts'
import { recordType } from './message.ts'

/** A container on a network, and what it is called there. */
export interface Announcement {
  readonly networkId: string
  readonly networkName: string
  readonly containerId: string
  /** The first is its own name, which its addresses resolve to. */
  readonly names: readonly string[]
  /** Of either family. */
  readonly addresses: readonly string[]
}

/** What one container can resolve. */
export interface View {
  /** Its networks; of names that several have, the first's counts. */
  readonly networks: readonly string[]
  /** Names that only it has for others: by alias, what the other one is called; both in lower case. */
  readonly links: Readonly<Record<string, string>>
}

export type Lookup =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'name'; readonly name: string }
  /** The name is ours, but has nothing of the type asked for. */
  | { readonly kind: 'empty' }
  /** For someone else to answer. */
  | { readonly kind: 'unknown' }

interface Name {
  /** By container. */
  readonly addresses: Map<string, readonly string[]>
  /** How often it was asked for: the answers take turns in being first. */
  turn: number
}

interface NetworkNames {
  readonly networkName: string
  readonly names: Map<string, Name>
  readonly byAddress: Map<string, string>
  readonly members: Map<string, Announcement>
}

const reverse4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/
const reverse6 = /^((?:[0-9a-f]\.){32})ip6\.arpa$/

/** `2.0.0.10.in-addr.arpa` is 10.0.0.2; 32 nibbles before `ip6.arpa` are an IPv6 address (RFC 3596 section 2.5). */
const addressOfReverse = (name: string): string | undefined => {
  const octets = reverse4.exec(name)?.slice(1, 5)
  if (octets !== undefined) return octets.reverse().join('.')
  const nibbles = reverse6.exec(name)?.[1]
  if (nibbles === undefined) return undefined
  return formatAddress({ family: 6, value: BigInt(`0x${nibbles.split('.').reverse().join('')}`) })
}

const wantedOf: Readonly<Record<number, (address: string) => boolean>> = {
  [recordType.A]: isIPv4,
  [recordType.AAAA]: isIPv6,
}

/** The names on all networks. A change costs what changes, however many containers there are. */
export class Zone {
  readonly #networks = new Map<string, NetworkNames>()

  /** Takes the place of what was announced of the same container on the same network. */
  announce(announcement: Announcement): void {
    const { networkId, networkName, containerId, names, addresses } = announcement
    this.withdraw(networkId, containerId)
    const network = this.#networks.get(networkId) ?? emptyNetwork(networkName)
    this.#networks.set(networkId, network)
    network.members.set(containerId, announcement)
    for (const address of addresses) network.byAddress.set(address, names[0] ?? containerId)
    for (const text of names) {
      const name = network.names.get(text.toLowerCase()) ?? { addresses: new Map<string, readonly string[]>(), turn: 0 }
      network.names.set(text.toLowerCase(), name)
      name.addresses.set(containerId, addresses)
    }
  }

  withdraw(networkId: string, containerId: string): void {
    const network = this.#networks.get(networkId)
    const before = network?.members.get(containerId)
    if (network === undefined || before === undefined) return
    network.members.delete(containerId)
    for (const address of before.addresses) network.byAddress.delete(address)
    for (const text of before.names) {
      const name = network.names.get(text.toLowerCase())
      name?.addresses.delete(containerId)
      if (name?.addresses.size === 0) network.names.delete(text.toLowerCase())
    }
    if (network.members.size === 0) this.#networks.delete(networkId)
  }

  /** `name` in lower case, without its last dot. */
  lookup(view: View, { name, type }: { readonly name: string; readonly type: number }): Lookup {
    const address = addressOfReverse(name)
    if (address !== undefined) return type === recordType.PTR ? this.#nameOf(view, address) : { kind: 'unknown' }
    const found = this.#find(view, (Object.hasOwn(view.links, name) ? view.links[name] : name) ?? name)
    if (found === undefined) return { kind: 'unknown' }
    const isWanted = wantedOf[type]
    const addresses = [...found.addresses.values()].flat().filter((address) => isWanted?.(address))
    if (addresses.length === 0) return { kind: 'empty' }
    const first = found.turn % addresses.length
    found.turn += 1
    return { kind: 'addresses', addresses: [...addresses.slice(first), ...addresses.slice(0, first)] }
  }

  #nameOf(view: View, address: string): Lookup {
    for (const id of view.networks) {
      const network = this.#networks.get(id)
      const name = network?.byAddress.get(address)
      if (network !== undefined && name !== undefined) return { kind: 'name', name: `${name}.${network.networkName}` }
    }
    return { kind: 'unknown' }
  }

  /** Also `web.backend`: web on the network backend. */
  #find(view: View, text: string): Name | undefined {
    for (const id of view.networks) {
      const network = this.#networks.get(id)
      const suffix = `.${network?.networkName.toLowerCase()}`
      const found = network?.names.get(text)
      if (found !== undefined) return found
      if (network !== undefined && text.endsWith(suffix)) {
        const within = network.names.get(text.slice(0, -suffix.length))
        if (within !== undefined) return within
      }
    }
    return undefined
  }
}

const emptyNetwork = (networkName: string): NetworkNames => ({
  networkName,
  names: new Map(),
  byAddress: new Map(),
  members: new Map(),
})
