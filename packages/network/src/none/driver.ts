import type { Endpoint, EndpointRequest, NetworkDriver } from '@slipway/core'

/** No network: the sandbox has its loopback, and that is all. */
export class NoneDriver implements NetworkDriver {
  readonly type = 'null'
  async create(): Promise<void> {}
  async remove(): Promise<void> {}
  async connect({ network }: EndpointRequest): Promise<Endpoint> {
    return { networkId: network.id, interfaceName: '', hostInterfaceName: '', addresses: [], macAddress: '' }
  }
  async disconnect(): Promise<void> {}
}
