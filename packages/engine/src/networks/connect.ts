import type { EndpointSettings } from '@slipway/client'
import { invalid, SlipwayError } from '@slipway/core'
import { updateNetworkFiles } from '../containers/network-files.ts'
import { wantedMappings } from '../containers/ports.ts'
import { type ContainerRecord, isUp } from '../containers/records.ts'
import type { ContainerRoom } from '../containers/room.ts'
import { checkConnection } from './endpoints.ts'
import { publishNetworkEvent } from './events.ts'
import { findNetwork } from './inspect.ts'
import { namedOf } from './names.ts'
import { isPredefined, type NetworkRecord } from './records.ts'

export interface ConnectBody {
  readonly Container?: string
  readonly EndpointConfig?: EndpointSettings | null
}

export interface DisconnectBody {
  readonly Container?: string
  readonly Force?: boolean
}

/** Host, none and another container's network are all or nothing. Throws invalid in docker's words. */
const checkModes = (record: ContainerRecord, network: NetworkRecord): void => {
  const mode = record.definition.hostConfig.NetworkMode ?? ''
  if (mode.startsWith('container:') || (mode === 'host' && network.name !== 'host')) {
    throw invalid(
      'container sharing network namespace with another container or host cannot be connected to any other network',
    )
  }
  if (network.name === 'host') {
    throw invalid('cannot connect container to host network - container must be created in host network mode')
  }
  const isNone = 'none' in record.definition.endpoints
  if (network.name === 'none' ? !isNone : isNone) {
    throw invalid('container cannot be connected to multiple networks with one of the networks in private (none) mode')
  }
}

/** Throws invalid for no name at all, not-found for one that nobody has. */
const find = (room: ContainerRoom, name: string): ContainerRecord => {
  if (name === '') throw invalid('invalid name or ID supplied: ""')
  return room.records.find(name)
}

const heldBy = ({ id, state }: ContainerRecord) => ({ id, ...state })

const wantedPorts = ({ definition }: ContainerRecord) => wantedMappings(definition.config, definition.hostConfig)

/** `POST /networks/{id}/connect`: puts a container on one more network, at once if it runs. */
export const connectContainer = (
  room: ContainerRoom,
  idOrName: string,
  { Container = '', EndpointConfig }: ConnectBody,
): Promise<void> => {
  const { id } = find(room, Container)
  if (room.networks.isAbsentBridge(idOrName)) return Promise.resolve()
  const network = findNetwork(room.networks.all(), idOrName)
  const settings = EndpointConfig ?? {}
  return room.lock.run(id, async () => {
    const record = room.records.find(id)
    checkModes(record, network)
    // What isn't up has no endpoint there yet: it only gets other settings for it.
    if (isUp(record) && network.name in record.definition.endpoints) {
      throw new SlipwayError('forbidden', `endpoint with name ${record.name} already exists in network ${network.name}`)
    }
    checkConnection({ network, settings })
    const endpoints = { ...record.definition.endpoints, [network.name]: settings }
    if (isUp(record)) {
      const wishes = { named: { ...namedOf(record), endpoints }, ports: wantedPorts(record) }
      const joined = await room.networks.connect(heldBy(record), { network, settings }, wishes)
      await room.records.setState(id, joined)
      await updateNetworkFiles(room, record, joined.attachments)
    }
    await room.records.setDefinition(id, { endpoints })
    // What isn't up joins when it starts, and that is told then.
    if (isUp(record)) publishNetworkEvent(room, network, 'connect', id)
  })
}

/** `POST /networks/{id}/disconnect` */
export const disconnectContainer = (
  room: ContainerRoom,
  idOrName: string,
  { Container = '', Force = false }: DisconnectBody,
): Promise<void> => {
  // Of a network that is gone the container may still bear the name.
  const isStale = Force && room.records.find(Container).definition.endpoints[idOrName] !== undefined
  const network = isStale ? room.networks.byName(idOrName) : findNetwork(room.networks.all(), idOrName)
  const name = network?.name ?? idOrName
  const { id } = find(room, Container)
  return room.lock.run(id, async () => {
    const record = room.records.find(id)
    const { [name]: left, ...endpoints } = record.definition.endpoints
    if (left === undefined) {
      throw invalid(`container ${id} is not connected to ${isUp(record) ? '' : 'the '}network ${name}`)
    }
    if (name === 'host') {
      throw invalid('cannot disconnect container from host network - container was created in host network mode')
    }
    if (isUp(record) && !isPrivate(record)) {
      const wishes = { named: { ...namedOf(record), endpoints }, ports: wantedPorts(record) }
      const left = await room.networks.disconnect(heldBy(record), name, wishes)
      await room.records.setState(id, left)
      await updateNetworkFiles(room, record, left.attachments)
    }
    await room.records.setDefinition(id, { endpoints })
    if (isUp(record) && network !== undefined) publishNetworkEvent(room, network, 'disconnect', id)
  })
}

const isPrivate = ({ definition }: ContainerRecord): boolean => definition.hostConfig.NetworkMode === 'none'

/** Whether the engine's name server answers on it: everywhere but on the three networks that are always there. */
export const hasNames = ({ name }: Pick<NetworkRecord, 'name'>): boolean => !isPredefined(name)
