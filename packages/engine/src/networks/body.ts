import type { Ipam, NetworkCreateBody } from '@slipway/client'
import { type BodyShape, shape } from '@slipway/http'
import { endpointSettings } from '../containers/body.ts'
import type { ConnectBody, DisconnectBody } from './connect.ts'

const { bool, list, map, object, text } = shape

const pool = object('network.IPAMConfig', {
  Subnet: text(),
  IPRange: text(),
  Gateway: text(),
  AuxiliaryAddresses: map(text()),
})

export const networkCreateBody: BodyShape<NetworkCreateBody> = {
  name: 'CreateRequest',
  shape: object<NetworkCreateBody>('network.CreateRequest', {
    Name: text(),
    Driver: text(),
    Scope: text(),
    Internal: bool,
    Attachable: bool,
    Ingress: bool,
    ConfigOnly: bool,
    ConfigFrom: object('network.ConfigReference', { Network: text() }),
    IPAM: object<Partial<Ipam>>('network.IPAM', { Driver: text(), Options: map(text()), Config: list(pool) }),
    EnableIPv4: bool,
    EnableIPv6: bool,
    Options: map(text()),
    Labels: map(text()),
  }),
}

export const connectBody: BodyShape<ConnectBody> = {
  name: 'ConnectOptions',
  shape: object('network.ConnectOptions', { Container: text(), EndpointConfig: endpointSettings }),
}

export const disconnectBody: BodyShape<DisconnectBody> = {
  name: 'DisconnectOptions',
  shape: object('network.DisconnectOptions', { Container: text(), Force: bool }),
}
