import { type Logger, type NetworkConfig, type NetworkDriver, SlipwayError } from '@slipway/core'
import type { NetworkThread } from '@slipway/linux'
import { BridgeDriver, type FirewallAccept, ParentDriver } from '@slipway/network'
import type { NetworkRecord } from './records.ts'

/** The drivers of networks that are made and removed; host and none are only there. */
export class NetworkDrivers {
  readonly bridge: BridgeDriver
  readonly #byType: ReadonlyMap<string, NetworkDriver>

  constructor(parts: { readonly thread: NetworkThread; readonly firewall: FirewallAccept; readonly logger: Logger }) {
    this.bridge = new BridgeDriver(parts)
    const all = [this.bridge, new ParentDriver('macvlan', parts), new ParentDriver('ipvlan', parts)]
    this.#byType = new Map(all.map((driver) => [driver.type, driver]))
  }

  /** Throws unsupported for a network of a driver that isn't here (any more). */
  of({ name, driver }: Pick<NetworkConfig, 'name' | 'driver'>): NetworkDriver {
    const found = this.#byType.get(driver)
    if (found !== undefined) return found
    throw new SlipwayError('unsupported', `network ${name} is of a driver that this engine doesn't have: ${driver}`)
  }

  /** After a start: makes a network again, without what a crash left of endpoints that nobody knows. */
  async restore(network: NetworkRecord, cables: ReadonlySet<string>): Promise<void> {
    await this.of(network).create(network)
    if (network.driver === 'bridge') await this.bridge.sweep(network, cables)
  }
}

/** Whether a network has links and addresses, as all have but host and none. */
export const isMade = ({ driver }: NetworkRecord): boolean => driver !== 'host' && driver !== 'null'
