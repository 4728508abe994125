import { type Descriptor, type Index, isIndex, isManifest, type Lease } from '@slipway/core'
import { parseIndex, readSmall } from '@slipway/transfer'
import { localSource, readKept } from '../outgoing.ts'
import type { ImageRoom } from '../room.ts'
import type { Image } from '../store.ts'

/** What goes into an archive with an image. */
export interface Company {
  /** What the image came from, whose own bytes are kept. */
  readonly index: Descriptor
  /**
   * The manifests in it of which every part is here: the same image for other machines, and what is said of them (attestations).
   */
  readonly others: readonly Descriptor[]
}

export interface Made {
  /** The image's manifest, as it goes out. */
  readonly made: Descriptor
  readonly lease: Lease
}

/** The index, held from now on; undefined when its bytes are not here. */
const readIndex = async (
  { store, collector }: ImageRoom,
  index: Descriptor,
  lease: Lease,
): Promise<Index | undefined> => {
  lease.hold({ kind: 'content', name: index.digest })
  await collector.idle()
  if ((await store.content.stat(index.digest)) === undefined) return undefined
  return parseIndex(await readSmall(localSource(store), index), index.digest)
}

/** Whether the index is here and names the manifest. */
export const isListed = async (room: ImageRoom, index: Descriptor, { made, lease }: Made): Promise<boolean> =>
  (await readIndex(room, index, lease))?.manifests.some(({ digest }) => digest === made.digest) ?? false

/** The newest index that names the image's manifest, and what else of it is here; undefined when there is none. */
export const companyOf = async (
  room: ImageRoom,
  { manifests }: Image,
  { made, lease }: Made,
): Promise<Company | undefined> => {
  for (const index of manifests.filter(({ mediaType }) => isIndex(mediaType)).toReversed()) {
    const listed = (await readIndex(room, index, lease))?.manifests ?? []
    if (!listed.some(({ digest }) => digest === made.digest)) continue
    const rest = listed.filter(({ digest, mediaType }) => digest !== made.digest && isManifest(mediaType))
    const kept = await Promise.all(rest.map((each) => readKept(room, each, lease)))
    return { index, others: rest.filter((_, place) => kept[place] !== undefined) }
  }
  return undefined
}
