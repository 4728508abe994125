import { type Descriptor, type Digest, type ImageSource, isIndex, isManifest, type Lease } from '@slipway/core'
import { parseIndex, parseManifest, readSmall } from '@slipway/transfer'
import { storeBlob } from './receive.ts'
import type { ImageRoom } from './room.ts'

/** Bytes of one part: a bill of materials may be long, but it is text. What is longer stays where it is. */
const largest = 64 << 20

/** BuildKit's way to say in an index what an image was made of and how (its docs, attestations/attestation-storage.md). */
export const isAttestation = ({ annotations = {}, mediaType }: Descriptor): boolean =>
  isManifest(mediaType) && annotations['vnd.docker.reference.type'] === 'attestation-manifest'

/** The manifest that an attestation is about. */
export const subjectOf = ({ annotations = {} }: Descriptor): string => annotations['vnd.docker.reference.digest'] ?? ''

export interface Described {
  readonly id: Digest
  /** Its manifest. */
  readonly manifest: Descriptor
  /** The index that it came from, which is kept already. */
  readonly index: Descriptor
  readonly lease: Lease
  readonly signal?: AbortSignal | undefined
}

const keep = async (room: ImageRoom, from: ImageSource, part: Descriptor, lease: Lease): Promise<boolean> => {
  const { content } = room.store
  lease.hold({ kind: 'content', name: part.digest })
  await room.collector.idle()
  if ((await content.stat(part.digest)) !== undefined) return true
  if (part.size > largest) return false
  await storeBlob(content, part, await from.fetch(part))
  return true
}

/**
 * Keeps what an index says of one of its images, provenance and bills of materials, as long as the image: it can go out again
 * as it came. An image is as good without, so what isn't to be had is done without.
 */
export const keepAttestations = async (room: ImageRoom, from: ImageSource, described: Described): Promise<void> => {
  const { id, manifest, index, lease, signal } = described
  if (!isIndex(index.mediaType)) return
  const { manifests } = parseIndex(await readSmall(from, index), index.digest)
  for (const attestation of manifests.filter((each) => isAttestation(each) && subjectOf(each) === manifest.digest)) {
    try {
      const { config, layers } = parseManifest(await readSmall(from, attestation), attestation.digest)
      const parts = [config, ...layers, attestation]
      for (const part of parts) if (!(await keep(room, from, part, lease))) return
      for (const { mediaType, digest, size } of parts) {
        await room.store.rememberManifest(id, { mediaType, digest, size })
      }
    } catch {
      signal?.throwIfAborted()
    }
  }
}
