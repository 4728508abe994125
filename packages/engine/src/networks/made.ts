import { conflict, SlipwayError } from '@slipway/core'
import { bridgeNameOf } from '@slipway/network'
import { KeyedLock } from '../keyed-lock.ts'
import { engineId } from '../system/identity.ts'
import { subnetsFor } from './addresses.ts'
import type { WantedSubnets } from './ipam-config.ts'
import type { NetworkParts } from './parts.ts'
import { deleteNetwork, type NetworkRecord, saveNetwork } from './records.ts'

/** Which networks there are, and who is on them. */
export class MadeNetworks {
  readonly #parts: NetworkParts
  readonly #byName = new Map<string, NetworkRecord>()
  /** Who is on a network, by its id, from before the cable is laid: what is in use isn't removed. */
  readonly #members = new Map<string, Set<string>>()
  /** Networks are made and removed one at a time: two at once might choose the same subnet. */
  readonly #changes = new KeyedLock()

  constructor(parts: NetworkParts, networks: readonly NetworkRecord[]) {
    this.#parts = parts
    for (const network of networks) this.#byName.set(network.name, network)
  }

  /** In the order of their names. */
  all(): readonly NetworkRecord[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  byName(name: string): NetworkRecord | undefined {
    return this.#byName.get(name)
  }

  /** The ids of the containers that are on a network now; to be added to, and taken from. */
  membersOf(networkId: string): Set<string> {
    const members = this.#members.get(networkId) ?? new Set()
    this.#members.set(networkId, members)
    return members
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
      // The range that is chosen may have been that of a bridge whose rules are still there.
      await drivers.bridge.sweepTables()
      const place = { pools: config.addressPools, networks: this.all(), engineId: await engineId(database) }
      const network = { ...wanted, subnets: await subnetsFor(wantedSubnets, place) }
      await using undo = new AsyncDisposableStack()
      // The record first: what a crash cuts off is made at the next start, or taken away with `network rm`.
      await saveNetwork(database, network)
      undo.defer(() => deleteNetwork(database, network.id))
      await drivers.of(network).create(network)
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
      const members = [...this.membersOf(network.id)]
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
}
