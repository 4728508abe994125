import type { MountPoint } from '@slipway/client'
import type { ContainerDefinition } from '../records.ts'
import type { ContainerRoom } from '../room.ts'
import { mountsOf } from './chosen.ts'
import type { ContainerMount } from './mount.ts'

const shown = (room: Pick<ContainerRoom, 'volumes'>, mount: ContainerMount): MountPoint => {
  const place = { Destination: mount.destination, Mode: mount.mode, RW: !mount.readonly }
  if (mount.type === 'bind') return { Type: 'bind', Source: mount.source, ...place, Propagation: mount.propagation }
  if (mount.type === 'tmpfs') return { Type: 'tmpfs', Source: '', ...place, Propagation: '' }
  if (mount.type === 'image') {
    return { Type: 'image', Name: mount.name, Source: '', ...place, Propagation: 'rprivate' }
  }
  const { name } = mount
  const volume = { Type: 'volume' as const, Name: name, Source: room.volumes.pathOf(name), Driver: 'local' }
  return { ...volume, ...place, Propagation: '' }
}

/** A container's mounts as `inspect` and `ps` show them. */
export const mountPoints = (
  room: Pick<ContainerRoom, 'volumes'>,
  definition: ContainerDefinition,
): readonly MountPoint[] => mountsOf(definition).map((mount) => shown(room, mount))
