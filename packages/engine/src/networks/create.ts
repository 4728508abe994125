import type { NetworkCreateBody, NetworkCreateResponse } from '@slipway/client'
import { conflict, invalid, SlipwayError } from '@slipway/core'
import { bridgeNameOf, checkBridgeOptions, checkParentOptions } from '@slipway/network'
import type { ContainerRoom } from '../containers/room.ts'
import { noSwarm } from '../system/swarm.ts'
import { publishNetworkEvent } from './events.ts'
import { type WantedSubnets, wantedSubnets } from './ipam-config.ts'
import { isPredefined, type NetworkRecord, newNetworkId } from './records.ts'

export interface WantedNetwork {
  readonly network: Omit<NetworkRecord, 'subnets'>
  readonly subnets: WantedSubnets
}

const drivers = ['bridge', 'macvlan', 'ipvlan']

const checkDriver = (driver: string): void => {
  if (drivers.includes(driver)) return
  if (driver === 'host' || driver === 'null') {
    throw new SlipwayError('forbidden', `only one instance of "${driver}" network is allowed`)
  }
  if (driver === 'overlay') throw new SlipwayError('forbidden', noSwarm)
  throw new SlipwayError('not-found', `plugin ${JSON.stringify(driver.slice(0, 64))} not found`)
}

/** What docker has and this engine doesn't yet is refused, not ignored. */
const checkSupported = (body: NetworkCreateBody): void => {
  const refuse = (what: string): never => {
    throw new SlipwayError('unsupported', `${what} is not supported by this engine yet`)
  }
  if (body.ConfigOnly || body.ConfigFrom?.Network) refuse('a network made of a configuration')
  if (body.Ingress) throw new SlipwayError('forbidden', 'Ingress network can only be global scope network')
  const ipam = body.IPAM?.Driver ?? ''
  if (ipam !== '' && ipam !== 'default') {
    throw new SlipwayError('not-found', `plugin ${JSON.stringify(ipam.slice(0, 64))} not found`)
  }
  // docker reads other words than this one as if nothing had been said.
  if (body.Scope === 'swarm') {
    throw new SlipwayError('forbidden', 'cannot create a swarm scoped network when swarm is not active')
  }
}

/** What the body of `POST /networks/create` asks for. Throws in docker's words for what can't be. */
export const wantedNetwork = (body: NetworkCreateBody | undefined): WantedNetwork => {
  const name = body?.Name ?? ''
  if (body === undefined || name.trim() === '') throw invalid('invalid name: name is empty')
  if (isPredefined(name) || name === 'default') {
    throw new SlipwayError('forbidden', `operation is not permitted on predefined ${name} network`)
  }
  // docker takes any; these would be read as something else by `--network`, or break a name in DNS.
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(name)) {
    throw invalid(`invalid name: ${JSON.stringify(name.slice(0, 64))}: only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
  }
  checkSupported(body)
  const driver = body.Driver || 'bridge'
  checkDriver(driver)
  const [options, labels] = [body.Options ?? {}, body.Labels ?? {}]
  const network = {
    id: newNetworkId(),
    name,
    driver,
    internal: body.Internal ?? false,
    attachable: body.Attachable ?? false,
    options,
    labels,
    createdAt: new Date().toISOString(),
  }
  if (driver === 'bridge') {
    checkBridgeOptions(network)
    bridgeNameOf(network)
  } else {
    checkParentOptions(network)
  }
  const enabled = { ipv4: body.EnableIPv4 ?? true, ipv6: body.EnableIPv6 ?? false }
  if (!enabled.ipv4 && !enabled.ipv6) throw invalid('IPv4 or IPv6 must be enabled')
  return { network, subnets: wantedSubnets(body.IPAM?.Config ?? [], enabled) }
}

/** `POST /networks/create` */
export const createNetwork = async (
  room: ContainerRoom,
  body: NetworkCreateBody | undefined,
): Promise<NetworkCreateResponse> => {
  const { network, subnets } = wantedNetwork(body)
  if (room.networks.byName(network.name)) throw conflict(`network with name ${network.name} already exists`)
  const made = await room.networks.create(network, subnets)
  publishNetworkEvent(room, made, 'create')
  return { Id: made.id, Warning: '' }
}
