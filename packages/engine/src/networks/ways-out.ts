import { isIPv4, isIPv6 } from 'node:net'
import {
  isSamePort,
  type PortMapping,
  type PortPublisher,
  type PortRequest,
  type PublishedPorts,
  SlipwayError,
} from '@slipway/core'
import type { BridgeDriver } from '@slipway/network'
import type { Attachment } from '../containers/records.ts'
import { addressesOf } from './addresses.ts'
import { wayOut } from './endpoints.ts'
import type { Held } from './networks.ts'

export interface PortChange {
  readonly add: readonly PortRequest[]
  /** Of those that the container has. */
  readonly remove: readonly PortMapping[]
}

interface Parts {
  readonly driver: BridgeDriver
  readonly publisher: PortPublisher
  /** The host's address that a network publishes on, if not on all. */
  readonly bindingOf: (network: string) => string | undefined
}

/**
 * Where the ports of a container lead: the addresses of its ways out. Undefined: it has none, as on an internal network alone.
 */
export const publishedAddresses = (
  attachments: readonly Attachment[],
): Pick<PublishedPorts, 'address' | 'address6'> | undefined => {
  // What lies beside the host on a link of its own can't be reached through the host.
  const cables = attachments.filter(({ endpoint }) => endpoint.hostInterfaceName !== '')
  const address4 = addressesOf(wayOut(cables, 'ipv4')).find(isIPv4)
  const address6 = addressesOf(wayOut(cables, 'ipv6')).find(isIPv6)
  const address = address4 ?? address6
  return address === undefined ? undefined : { address, ...(address6 ? { address6 } : {}) }
}

/** In docker's words, which name the endpoint that the ports were to lead to. */
const notPublished = (error: unknown, name: string, attachments: readonly Attachment[]): unknown => {
  if (!(error instanceof SlipwayError)) return error
  const { endpointId = '' } = wayOut(attachments, 'ipv4') ?? wayOut(attachments, 'ipv6') ?? {}
  return new SlipwayError(
    error.code,
    `driver failed programming external connectivity on endpoint ${name} (${endpointId}): ${error.message}`,
    { cause: error },
  )
}

/** Default routes and published ports, which follow a container's ways out. */
export class WaysOut {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Reserves and publishes the ports on the endpoints that are the ways out: on an internal network alone there are none. */
  async publish(
    id: string,
    wanted: readonly PortRequest[],
    attachments: readonly Attachment[],
    name = id,
  ): Promise<readonly PortMapping[]> {
    const { publisher } = this.#parts
    const addresses = publishedAddresses(attachments)
    if (addresses === undefined || wanted.length === 0) return []
    try {
      const mappings = await publisher.reserve(id, this.#bound(wanted, attachments), addresses.address)
      await publisher.publish({ containerId: id, ...addresses, mappings })
      return mappings
    } catch (error) {
      await publisher.release(id)
      throw notPublished(error, name, attachments)
    }
  }

  /** See `Networks.changePorts()`. */
  async change({ id, attachments, ports }: Held, { add, remove }: PortChange): Promise<readonly PortMapping[]> {
    const { publisher } = this.#parts
    const addresses = publishedAddresses(attachments)
    if (addresses === undefined) return []
    // First: what is taken back may be published anew, to another port of the container.
    await publisher.release(id, remove)
    let added: readonly PortMapping[] = []
    try {
      added = await publisher.reserve(id, this.#bound(add, attachments), addresses.address)
      const kept = ports.filter((mapping) => !remove.some((one) => isSamePort(one, mapping)))
      const mappings = [...kept, ...added]
      await publisher.publish({ containerId: id, ...addresses, mappings })
      return mappings
    } catch (error) {
      await publisher.release(id, added)
      await publisher.reserve(id, remove, addresses.address)
      // Rules that can't be written now are written later.
      await publisher.publish({ containerId: id, ...addresses, mappings: ports }).catch(() => {})
      throw error
    }
  }

  /** The default routes and the ports follow the ways out, which `attachments` may have changed. */
  async reroute(
    held: Held,
    attachments: readonly Attachment[],
    wanted: readonly PortRequest[],
  ): Promise<readonly PortMapping[]> {
    const { driver, publisher } = this.#parts
    const { id, netns, ports } = held
    const waysOf = (all: readonly Attachment[]) => [wayOut(all, 'ipv4'), wayOut(all, 'ipv6')] as const
    const [before, after] = [waysOf(held.attachments), waysOf(attachments)]
    if (before.every((way, index) => way?.endpointId === after[index]?.endpointId)) return ports
    const [gateway, gateway6] = [after[0]?.endpoint.gateway, after[1]?.endpoint.gateway6]
    const ways = { ...(gateway ? { gateway } : {}), ...(gateway6 ? { gateway6 } : {}) }
    await driver.leadOut(ways, { containerId: id, netns })
    const addresses = publishedAddresses(attachments)
    if (addresses === undefined) {
      if (ports.length > 0) await publisher.release(id)
      return []
    }
    if (ports.length === 0) return this.publish(id, wanted, attachments)
    try {
      await publisher.publish({ containerId: id, ...addresses, mappings: ports })
    } catch (error) {
      await this.#stayWith(held)
      throw error
    }
    return ports
  }

  /** The ways and the rules that there were; those that can't be written now are written later. */
  async #stayWith({ id, netns, attachments, ports }: Held): Promise<void> {
    const { driver, publisher } = this.#parts
    const addresses = publishedAddresses(attachments)
    if (addresses !== undefined) {
      await publisher.publish({ containerId: id, ...addresses, mappings: ports }).catch(() => {})
    }
    const gateway = wayOut(attachments, 'ipv4')?.endpoint.gateway
    const gateway6 = wayOut(attachments, 'ipv6')?.endpoint.gateway6
    await driver.leadOut(
      { ...(gateway ? { gateway } : {}), ...(gateway6 ? { gateway6 } : {}) },
      { containerId: id, netns },
    )
  }

  /** What names no address of the host is published on those that the network says. */
  #bound(wanted: readonly PortRequest[], attachments: readonly Attachment[]): readonly PortRequest[] {
    const way = wayOut(attachments, 'ipv4') ?? wayOut(attachments, 'ipv6')
    const hostIp = (way && this.#parts.bindingOf(way.network)) ?? ''
    return wanted.map((mapping) => (mapping.hostIp === '' ? { ...mapping, hostIp } : mapping))
  }
}
