import { isSamePort, type PortMapping, type PortPublisher, type PortRequest } from '@slipway/core'
import type { BridgeDriver } from '@slipway/network'
import type { Attachment } from '../containers/records.ts'
import { addressOf } from './addresses.ts'
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

/** Default routes and published ports, which follow a container's way out. */
export class WaysOut {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Reserves and publishes the ports on the endpoint that is the way out: on an internal network alone there are none. */
  async publish(
    id: string,
    wanted: readonly PortRequest[],
    attachments: readonly Attachment[],
  ): Promise<readonly PortMapping[]> {
    const { publisher } = this.#parts
    const way = wayOut(attachments)
    const address = addressOf(way)
    if (way === undefined || address === undefined || wanted.length === 0) return []
    try {
      const mappings = await publisher.reserve(id, this.#bound(wanted, way), address)
      await publisher.publish({ containerId: id, address, mappings })
      return mappings
    } catch (error) {
      await publisher.release(id)
      throw error
    }
  }

  /** See `Networks.changePorts()`. */
  async change({ id, attachments, ports }: Held, { add, remove }: PortChange): Promise<readonly PortMapping[]> {
    const { publisher } = this.#parts
    const way = wayOut(attachments)
    const address = addressOf(way)
    if (way === undefined || address === undefined) return []
    // First: what is taken back may be published anew, to another port of the container.
    await publisher.release(id, remove)
    let added: readonly PortMapping[] = []
    try {
      added = await publisher.reserve(id, this.#bound(add, way), address)
      const kept = ports.filter((mapping) => !remove.some((one) => isSamePort(one, mapping)))
      const mappings = [...kept, ...added]
      await publisher.publish({ containerId: id, address, mappings })
      return mappings
    } catch (error) {
      await publisher.release(id, added)
      await publisher.reserve(id, remove, address)
      await publisher.publish({ containerId: id, address, mappings: ports })
      throw error
    }
  }

  /** What names no address of the host is published on those that the network says. */
  #bound(wanted: readonly PortRequest[], way: Attachment): readonly PortRequest[] {
    const hostIp = this.#parts.bindingOf(way.network) ?? ''
    return wanted.map((mapping) => (mapping.hostIp === '' ? { ...mapping, hostIp } : mapping))
  }

  /** The default route and the ports follow the way out, which `attachments` may have changed. */
  async reroute(
    held: Held,
    attachments: readonly Attachment[],
    wanted: readonly PortRequest[],
  ): Promise<readonly PortMapping[]> {
    const { driver, publisher } = this.#parts
    const { id, netns, ports } = held
    const [before, after] = [wayOut(held.attachments), wayOut(attachments)]
    if (before?.endpointId === after?.endpointId) return ports
    if (after !== undefined) await driver.leadOut(after.endpoint, { containerId: id, netns })
    const address = addressOf(after)
    if (address === undefined) {
      if (ports.length > 0) await publisher.release(id)
      return []
    }
    if (ports.length === 0) return this.publish(id, wanted, attachments)
    await publisher.publish({ containerId: id, address, mappings: ports })
    return ports
  }
}
