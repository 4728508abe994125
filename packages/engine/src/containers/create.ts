import { hostname } from 'node:os'
import type { ContainerCreateBody, ContainerCreateResponse, EndpointSettings, HostConfig } from '@slipway/client'
import { invalid } from '@slipway/core'
import { cgroupMode } from '@slipway/linux'
import { checkCreateBody, withHostDefaults } from './host-config.ts'
import { initLayer, initLayerName } from './init-layer.ts'
import { commandOf, mergeConfig } from './merge-config.ts'
import { randomName } from './names.ts'
import { wantedMappings } from './ports.ts'
import { type ContainerRecord, neverRun, newContainerId, parseContainerName } from './records.ts'
import { type ContainerRoom, publishContainerEvent } from './room.ts'

const shortIdLength = 12

/** The networks it is to be on: those asked for, else the one that the network mode names. */
const endpointsOf = (body: ContainerCreateBody, host: HostConfig): Readonly<Record<string, EndpointSettings>> => {
  const mode = host.NetworkMode ?? 'bridge'
  if (mode.startsWith('container:')) return {}
  const asked = body.NetworkingConfig?.EndpointsConfig ?? {}
  const own = asked[mode] ?? (mode === 'bridge' ? asked['default'] : undefined) ?? {}
  return { [mode]: own }
}

/**
 * Makes a container without running it: its writable layer, then its record. Throws not-found for an unknown image, conflict
 * for a name in use, invalid for what can't work; nothing is left behind then.
 */
export const createContainer = async (
  room: ContainerRoom,
  body: ContainerCreateBody | undefined,
  askedName: string | undefined,
): Promise<ContainerCreateResponse> => {
  if (body === undefined || Object.keys(body).length === 0) {
    throw invalid('config cannot be empty in order to create a container')
  }
  const name = askedName ? parseContainerName(askedName) : undefined
  checkCreateBody(body)
  const image = await room.images.resolve(body.Image ?? '')
  const id = newContainerId()
  const hostConfig = withHostDefaults(body.HostConfig ?? {}, {
    cgroupnsMode: cgroupMode() === 'v2' ? 'private' : 'host',
  })
  const defaultHostname = hostConfig.NetworkMode === 'host' ? hostname() : id.slice(0, shortIdLength)
  const config = mergeConfig(body, image.config.config ?? {}, defaultHostname)
  if (commandOf(config).length === 0) throw invalid('no command specified')
  wantedMappings(config, hostConfig)

  const record: ContainerRecord = {
    id,
    name: name ?? randomName((candidate) => isTaken(room, candidate)),
    createdAt: new Date().toISOString(),
    imageId: image.id,
    definition: { image: body.Image ?? '', config, hostConfig, endpoints: endpointsOf(body, hostConfig) },
    state: neverRun,
  }
  room.records.assertNameFree(record.name)
  await using lease = room.leases.take(`create ${record.name}`)
  if (image.chainId) lease.hold({ kind: 'snapshot', name: image.chainId })
  lease.hold({ kind: 'snapshot', name: initLayerName(image.chainId) })
  lease.hold({ kind: 'snapshot', name: id })
  const base = await initLayer(room, image.chainId)
  await room.snapshots.prepare(id, base)
  try {
    await room.records.add(record)
  } catch (error) {
    await room.snapshots.remove(id)
    throw error
  }
  publishContainerEvent(room, record, 'create')
  return { Id: id, Warnings: [] }
}

const isTaken = (room: ContainerRoom, name: string): boolean => {
  try {
    room.records.assertNameFree(name)
    return false
  } catch {
    return true
  }
}
