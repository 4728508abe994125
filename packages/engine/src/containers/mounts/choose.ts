import type { ContainerConfig, HostConfig } from '@slipway/client'
import { hasCode, invalid, messageOf } from '@slipway/core'
import type { HeldVolume } from '../../volumes/volumes.ts'
import type { ContainerRoom } from '../room.ts'
import { checkSource } from './bind-source.ts'
import type { ContainerMount, ImageMount, VolumeMount } from './mount.ts'
import { type AskedImage, type AskedMount, type AskedVolume, askedMounts, cleanPath } from './parse.ts'
import { mountsFrom } from './volumes-from.ts'

/** The mounts of a container that is being made. Until this is disposed, nobody can remove their volumes. */
export interface ChosenMounts extends AsyncDisposable {
  readonly mounts: readonly ContainerMount[]
  /** The container was made: what was made for it stays. */
  keep(): void
}

/** What the image or `-v /path` say that must be a volume. */
const anonymousAt = (path: string): AskedVolume => {
  // `VOLUME data` is taken from the root.
  const destination = cleanPath(`/${path}`)
  if (destination === '/') {
    throw invalid(`invalid volume specification: '${path}': invalid mount path: '${path}' mount path must be absolute`)
  }
  return { type: 'volume', destination, mode: '', readonly: false, copy: true, subpath: '', wanted: {} }
}

/** In docker's order: later ones replace earlier ones at the same place, and volumes without a name only fill gaps. */
const wantedAt = (
  room: ContainerRoom,
  host: HostConfig,
  config: ContainerConfig,
): readonly (AskedMount | ContainerMount)[] => {
  const byPlace = new Map<string, AskedMount | ContainerMount>()
  for (const mount of [...mountsFrom(room, host.VolumesFrom ?? []), ...askedMounts(host)]) {
    byPlace.set(mount.destination, mount)
  }
  const tmpfs = new Set(Object.keys(host.Tmpfs ?? {}).map(cleanPath))
  for (const mount of Object.keys(config.Volumes ?? {}).map(anonymousAt)) {
    const { destination } = mount
    if (!byPlace.has(destination) && !tmpfs.has(destination)) byPlace.set(destination, mount)
  }
  return [...byPlace.values()]
}

/** For clients what isn't found when a container is made is an image, which they go and pull. */
const invalidNotMissing = (error: unknown): never => {
  throw hasCode(error, 'not-found') ? invalid(error.message, error) : error
}

/**
 * Chooses a container's mounts, and makes the volumes that aren't there yet. Throws in docker's words: not-found for
 * an image to mount that isn't there (which docker's CLI takes for the container's own).
 */
export const chooseMounts = async (
  room: ContainerRoom,
  host: HostConfig,
  config: ContainerConfig,
): Promise<ChosenMounts> => {
  await using held = new AsyncDisposableStack()
  const mounts: ContainerMount[] = []
  let kept = false
  const hold = (volume: HeldVolume, isAnonymous: boolean): void => {
    const { name } = volume.volume
    held.defer(async () => {
      volume[Symbol.dispose]()
      if (!kept && isAnonymous && volume.isNew) await discard(room, name)
    })
  }
  for (const mount of wantedAt(room, host, config)) {
    if (!('wanted' in mount)) {
      if (mount.type === 'bind') await checkSource(mount)
      if (mount.type === 'image') {
        mounts.push(await chosenImage(room, mount))
        continue
      }
      if (mount.type === 'volume') hold(await room.volumes.take({ name: mount.name }).catch(invalidNotMissing), false)
      mounts.push(mount)
      continue
    }
    const { wanted, ...rest } = mount
    const anonymous = !wanted.name
    const taking = anonymous ? room.volumes.takeAnonymous(wanted) : room.volumes.take(wanted)
    const volume = await taking.catch(invalidNotMissing)
    hold(volume, anonymous)
    mounts.push({ ...rest, mode: shownMode(mount), name: volume.volume.name, anonymous })
  }
  const holding = held.move()
  const keep = (): void => {
    kept = true
  }
  return { mounts, keep, [Symbol.asyncDispose]: () => holding.disposeAsync() }
}

/** Throws not-found for an image that isn't there, invalid for one without files. */
const chosenImage = async (room: ContainerRoom, asked: AskedImage | ImageMount): Promise<ImageMount> => {
  if ('imageId' in asked) return asked
  const { id, chainId } = await room.images.resolve(asked.name)
  if (chainId === undefined) throw invalid(`image ${asked.name.slice(0, 200)} has no layers`)
  return { ...asked, imageId: id, chainId }
}

/** docker shows `z` where nothing was said, but for those that only the image speaks of. */
const shownMode = ({ mode, wanted }: AskedVolume): VolumeMount['mode'] => (mode === '' && wanted.name ? 'z' : mode)

const discard = async (room: ContainerRoom, name: string): Promise<void> => {
  try {
    await room.volumes.remove(name)
  } catch (error) {
    room.logger.warn({ volume: name, error: messageOf(error) }, 'a volume that nobody uses could not be removed')
  }
}
