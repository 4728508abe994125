import type { ImageManifest } from '@slipway/client'
import { type Descriptor, type Digest, hasCode, isManifest } from '@slipway/core'
import { parseIndex, parseManifest, readSmall } from '@slipway/transfer'
import { isAttestation, subjectOf } from './attestations.ts'
import { localSource } from './outgoing.ts'
import { indexesOf } from './platform.ts'
import type { ImageRoom } from './room.ts'
import type { Image } from './store.ts'

/** Of a manifest's parts, itself included, those that are here. */
interface Present {
  readonly bytes: number
  readonly isWhole: boolean
  /** Its image, where that has an id here. */
  readonly image: Image | undefined
}

const absent: Present = { bytes: 0, isWhole: false, image: undefined }

const lookAt = async ({ store }: ImageRoom, descriptor: Descriptor): Promise<Present> => {
  if (!isManifest(descriptor.mediaType) || (await store.content.stat(descriptor.digest)) === undefined) return absent
  const { config, layers } = parseManifest(await readSmall(localSource(store), descriptor), descriptor.digest)
  const sizes = new Map<Digest, number>([[descriptor.digest, descriptor.size]])
  let isWhole = true
  for (const { digest } of [config, ...layers]) {
    const size = (await store.content.stat(digest))?.size
    if (size === undefined) isWhole = false
    else sizes.set(digest, size)
  }
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0)
  return { bytes, isWhole, image: await store.get(config.digest) }
}

/** What is removed while it is looked at was not here. */
const ifGone = (error: unknown): Present => {
  if (hasCode(error, 'not-found')) return absent
  throw error
}

const describe = async (room: ImageRoom, descriptor: Descriptor): Promise<ImageManifest> => {
  const { bytes, isWhole, image } = await lookAt(room, descriptor).catch(ifGone)
  const { digest, platform } = descriptor
  const unpacked = image?.size ?? 0
  const common = {
    ID: digest,
    Descriptor: descriptor,
    Available: isWhole,
    Size: { Content: bytes, Total: bytes + unpacked },
  }
  if (isAttestation(descriptor))
    return { ...common, Kind: 'attestation', AttestationData: { For: subjectOf(descriptor) } }
  if (platform === undefined || platform.os === 'unknown') return { ...common, Kind: 'unknown' }
  const containers = image === undefined ? [] : room.store.inUse(image.id).map(({ id }) => id)
  return {
    ...common,
    Kind: 'image',
    ImageData: { Platform: platform, Size: { Unpacked: unpacked }, Containers: containers },
  }
}

/** What the newest index that an image came with lists, and how much of it is here; nothing without one. */
export const manifestsOf = async (
  room: ImageRoom,
  image: Image,
): Promise<{ readonly Manifests?: readonly ImageManifest[] }> => {
  const { store, collector } = room
  await using lease = store.leases.take(`manifests of ${image.id}`)
  for (const index of indexesOf(image).toReversed()) {
    lease.hold({ kind: 'content', name: index.digest })
    await collector.idle()
    if ((await store.content.stat(index.digest)) === undefined) continue
    const { manifests } = parseIndex(await readSmall(localSource(store), index), index.digest)
    return { Manifests: await Promise.all(manifests.map((each) => describe(room, each))) }
  }
  return {}
}
