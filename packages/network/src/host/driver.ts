import type { Endpoint, EndpointRequest, NetworkDriver } from '@slipway/core'

/** The host's own network: there is nothing to set up. */
export class HostDriver implements NetworkDriver {
  readonly type = 'host'
  async create(): Promise<void> {}
  async remove(): Promise<void> {}
  async connect({ network }: EndpointRequest): Promise<Endpoint> {
    return { networkId: network.id, interfaceName: '', hostInterfaceName: '', addresses: [], macAddress: '' }
  }
  async disconnect(): Promise<void> {}
}
