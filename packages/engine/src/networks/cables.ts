import { randomBytes } from 'node:crypto'
import type { Attachment } from '../containers/records.ts'
import { isMade } from './drivers.ts'
import type { WantedEndpoint } from './endpoints.ts'
import type { MadeNetworks } from './made.ts'
import type { Held } from './networks.ts'
import type { NetworkParts } from './parts.ts'

/** What connects containers with networks. */
export class Cables {
  readonly #parts: Pick<NetworkParts, 'addresses' | 'drivers'>
  readonly #made: MadeNetworks

  constructor(parts: Pick<NetworkParts, 'addresses' | 'drivers'>, made: MadeNetworks) {
    this.#parts = parts
    this.#made = made
  }

  /** Puts a container on a network: an address of each family, and the cable. All of it, or nothing. */
  async join(
    id: string,
    netns: string,
    { network, settings }: WantedEndpoint,
    options: { readonly interfaceName: string; readonly defaultRoute: boolean; readonly defaultRoute6: boolean },
  ): Promise<Attachment> {
    const { addresses, drivers } = this.#parts
    const members = this.#made.membersOf(network.id)
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
  async leave({ id, netns }: Pick<Held, 'id' | 'netns'>, { endpoint }: Attachment): Promise<void> {
    const { drivers, addresses } = this.#parts
    const network = this.#made.all().find((one) => one.id === endpoint.networkId)
    const driver = network && isMade(network) ? drivers.of(network) : drivers.bridge
    await driver.disconnect(endpoint, { containerId: id, netns })
    for (const address of endpoint.addresses) addresses.release(endpoint.networkId, address)
    this.#made.membersOf(endpoint.networkId).delete(id)
  }
}
