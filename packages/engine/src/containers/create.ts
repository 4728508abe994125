import { hostname } from 'node:os'
import type { ContainerCreateBody, ContainerCreateResponse } from '@slipway/client'
import { invalid, parsePlatform } from '@slipway/core'
import { cgroupMode } from '@slipway/linux'
import { capabilitySet, runtimeNamed } from '@slipway/runtime'
import { checkCgroupParent } from '../config/cgroups.ts'
import { imageFor } from '../images/platform.ts'
import { checkLinks } from '../networks/mode.ts'
import { endpointsOf } from '../networks/wanted.ts'
import { checkCreateBody, withHostDefaults } from './host-config.ts'
import { initLayer, initLayerName } from './init-layer.ts'
import { withinKernel } from './limits.ts'
import { commandOf, mergeConfig } from './merge-config.ts'
import { checkJoined, withJoinedIds } from './modes.ts'
import { chooseMounts } from './mounts/choose.ts'
import { fillVolumes } from './mounts/fill.ts'
import { makeImageViews, removeImageViews } from './mounts/image-views.ts'
import { randomName } from './names.ts'
import { networkWarnings, wantedMappings } from './ports.ts'
import { type ContainerRecord, neverRun, newContainerId, parseContainerName } from './records.ts'
import { type ContainerRoom, publishContainerEvent } from './room.ts'

const shortIdLength = 12

/**
 * Makes a container without running it: its writable layer, then its record. Throws not-found for an unknown image, conflict
 * for a name in use, invalid for what can't work; nothing is left behind then.
 */
export const createContainer = async (
  room: ContainerRoom,
  body: ContainerCreateBody | undefined,
  asked: { readonly name?: string | undefined; readonly platform?: string | undefined } = {},
): Promise<ContainerCreateResponse> => {
  if (body === undefined) throw invalid('invalid JSON: got EOF while reading request body')
  if (Object.keys(body).length === 0) {
    throw invalid('config cannot be empty in order to create a container')
  }
  const name = asked.name ? parseContainerName(asked.name) : undefined
  const platform = asked.platform ? parsePlatform(asked.platform) : undefined
  checkCreateBody(body)
  checkCgroupParent(room.cgroups.driver, body.HostConfig?.CgroupParent)
  runtimeNamed(room.runtime.runtimes, body.HostConfig?.Runtime)
  if (!body.Image && !body.Cmd?.length && !body.Entrypoint?.length) throw invalid('no command specified')
  const image = await imageFor(room.images, body.Image ?? '', platform)
  const id = newContainerId()
  const { host, warnings } = withinKernel(body.HostConfig ?? {})
  capabilitySet({ add: host.CapAdd ?? [], drop: host.CapDrop ?? [] }, room.networks.hostFacts.capabilities)
  const asIs = withHostDefaults(host, { cgroupnsMode: cgroupMode() === 'v2' ? 'private' : 'host' })
  checkJoined(asIs, (one) => room.records.find(one))
  const hostConfig = withJoinedIds(asIs, (one) => room.records.find(one).id)
  const defaultHostname = hostConfig.NetworkMode === 'host' ? hostname() : id.slice(0, shortIdLength)
  const mode = hostConfig.NetworkMode ?? 'bridge'
  const config = mergeConfig(body, image.config.config ?? {}, defaultHostname)
  if (commandOf(config).length === 0) throw invalid('no command specified')
  wantedMappings(config, hostConfig)
  checkLinks(hostConfig, (one) => room.records.find(one))

  await using chosen = await chooseMounts(room, hostConfig, config)
  const record: Omit<ContainerRecord, 'name'> = {
    id,
    createdAt: new Date().toISOString(),
    imageId: image.id,
    definition: {
      image: body.Image ?? '',
      config,
      hostConfig,
      endpoints: endpointsOf(body, mode, room.networks.all()),
      mounts: chosen.mounts,
    },
    state: neverRun,
  }
  if (name !== undefined) room.records.assertNameFree(name)
  await using lease = room.leases.take(`create ${name ?? id}`)
  if (image.chainId) lease.hold({ kind: 'snapshot', name: image.chainId })
  lease.hold({ kind: 'snapshot', name: initLayerName(image.chainId) })
  lease.hold({ kind: 'snapshot', name: id })
  const base = await initLayer(room, image.chainId)
  await room.snapshots.prepare(id, base)
  try {
    await makeImageViews(room, id, chosen.mounts, lease)
    await fillVolumes(room, id, chosen.mounts)
    publishContainerEvent(room, await addNamed(room, record, name), 'create')
    chosen.keep()
  } catch (error) {
    await room.snapshots.remove(id)
    await removeImageViews(room, id, chosen.mounts)
    throw error
  }
  return { Id: id, Warnings: [...warnings, ...networkWarnings(hostConfig)] }
}

/** A name of ours is chosen at the last moment: others are being made meanwhile. */
const addNamed = async (
  room: ContainerRoom,
  record: Omit<ContainerRecord, 'name'>,
  name: string | undefined,
): Promise<ContainerRecord> => {
  const named = { ...record, name: name ?? randomName((candidate) => isTaken(room, candidate)) }
  await room.records.add(named)
  return named
}

const isTaken = (room: ContainerRoom, name: string): boolean => {
  try {
    room.records.assertNameFree(name)
    return false
  } catch {
    return true
  }
}
