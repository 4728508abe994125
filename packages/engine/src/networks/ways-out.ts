import type { PortMapping, PortPublisher } from '@slipway/core'
import type { BridgeDriver } from '@slipway/network'
import type { Attachment } from '../containers/records.ts'
import { addressOf } from './addresses.ts'
import { wayOut } from './endpoints.ts'
import type { Held } from './networks.ts'

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
    wanted: readonly PortMapping[],
    attachments: readonly Attachment[],
  ): Promise<readonly PortMapping[]> {
    const { publisher } = this.#parts
    const way = wayOut(attachments)
    const address = addressOf(way)
    if (way === undefined || address === undefined || wanted.length === 0) return []
    const hostIp = this.#parts.bindingOf(way.network) ?? ''
    const bound = wanted.map((mapping) => (mapping.hostIp === '' ? { ...mapping, hostIp } : mapping))
    try {
      const mappings = await publisher.reserve(id, bound, address)
      await publisher.publish({ containerId: id, address, mappings })
      return mappings
    } catch (error) {
      await publisher.release(id)
      throw error
    }
  }

  /** The default route and the ports follow the way out, which `attachments` may have changed. */
  async reroute(
    held: Held,
    attachments: readonly Attachment[],
    wanted: readonly PortMapping[],
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
