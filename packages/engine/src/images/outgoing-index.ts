import { type Descriptor, type Digest, isIndex, isManifest, type Lease } from '@slipway/core'
import { parseIndex, readSmall } from '@slipway/transfer'
import { localSource, type Outgoing, readKept, type Sending } from './outgoing.ts'
import type { ImageRoom } from './room.ts'
import type { Image } from './store.ts'

/** An index that can go out as it came: every image in it is here, and what else it lists, such as attestations. */
export interface WholeIndex {
  readonly descriptor: Descriptor
  /** Those of its images that have an id here. */
  readonly images: readonly Image[]
  readonly layers: readonly Descriptor[]
  /** Hands out the layers of all its images. */
  send(making: Pick<Sending, 'send'>): Promise<void>
}

/** The manifests of an index; undefined when one of them, or a part of it, isn't here. */
const readAll = async (room: ImageRoom, index: Descriptor, lease: Lease): Promise<readonly Outgoing[] | undefined> => {
  const { store, collector } = room
  lease.hold({ kind: 'content', name: index.digest })
  await collector.idle()
  if ((await store.content.stat(index.digest)) === undefined) return undefined
  const { manifests } = parseIndex(await readSmall(localSource(store), index), index.digest)
  const found: Outgoing[] = []
  for (const descriptor of manifests) {
    const kept = isManifest(descriptor.mediaType) ? await readKept(room, descriptor, lease) : undefined
    if (kept === undefined) return undefined
    found.push(kept)
  }
  return found
}

/** The index that an image came with, the newest first, if all of it is here; held from now on. */
export const wholeIndex = async (room: ImageRoom, image: Image, lease: Lease): Promise<WholeIndex | undefined> => {
  for (const descriptor of image.manifests.filter(({ mediaType }) => isIndex(mediaType)).toReversed()) {
    const outgoing = await readAll(room, descriptor, lease)
    if (outgoing === undefined || outgoing.length === 0) continue
    const all = await Promise.all(outgoing.map(({ manifest }) => room.store.get(manifest.config.digest)))
    const images = [...new Set(all.filter((each) => each !== undefined))]
    return {
      descriptor,
      images,
      layers: outgoing.flatMap(({ manifest }) => manifest.layers),
      async send(making) {
        for (const [place, { manifest }] of outgoing.entries()) {
          const diffIds: readonly Digest[] = all[place]?.config.rootfs.diff_ids ?? []
          for (const [at, layer] of manifest.layers.entries()) await making.send(layer, diffIds[at] ?? layer.digest)
        }
      },
    }
  }
  return undefined
}
