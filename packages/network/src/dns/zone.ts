import { recordType } from './message.ts'

/** A container on a network, and what it is called there. */
export interface Announcement {
  readonly networkId: string
  readonly networkName: string
  readonly containerId: string
  /** The first is its own name, which its address resolves to. */
  readonly names: readonly string[]
  readonly address: string
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
  readonly addresses: Map<string, string>
  /** How often it was asked for: the answers take turns in being first. */
  turn: number
}

interface NetworkNames {
  readonly networkName: string
  readonly names: Map<string, Name>
  readonly byAddress: Map<string, string>
  readonly members: Map<string, Announcement>
}

const reverse = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/

/** The names on all networks. A change costs what changes, however many containers there are. */
export class Zone {
  readonly #networks = new Map<string, NetworkNames>()

  /** Takes the place of what was announced of the same container on the same network. */
  announce(announcement: Announcement): void {
    const { networkId, networkName, containerId, names, address } = announcement
    this.withdraw(networkId, containerId)
    const network = this.#networks.get(networkId) ?? emptyNetwork(networkName)
    this.#networks.set(networkId, network)
    network.members.set(containerId, announcement)
    network.byAddress.set(address, names[0] ?? containerId)
    for (const text of names) {
      const name = network.names.get(text.toLowerCase()) ?? { addresses: new Map<string, string>(), turn: 0 }
      network.names.set(text.toLowerCase(), name)
      name.addresses.set(containerId, address)
    }
  }

  withdraw(networkId: string, containerId: string): void {
    const network = this.#networks.get(networkId)
    const before = network?.members.get(containerId)
    if (network === undefined || before === undefined) return
    network.members.delete(containerId)
    network.byAddress.delete(before.address)
    for (const text of before.names) {
      const name = network.names.get(text.toLowerCase())
      name?.addresses.delete(containerId)
      if (name?.addresses.size === 0) network.names.delete(text.toLowerCase())
    }
    if (network.members.size === 0) this.#networks.delete(networkId)
  }

  /** `name` in lower case, without its last dot. */
  lookup(view: View, { name, type }: { readonly name: string; readonly type: number }): Lookup {
    const address = reverse.exec(name)?.slice(1, 5).reverse().join('.')
    if (address !== undefined) return type === recordType.PTR ? this.#nameOf(view, address) : { kind: 'unknown' }
    const found = this.#find(view, (Object.hasOwn(view.links, name) ? view.links[name] : name) ?? name)
    if (found === undefined) return { kind: 'unknown' }
    if (type !== recordType.A) return { kind: 'empty' }
    const addresses = [...found.addresses.values()]
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
