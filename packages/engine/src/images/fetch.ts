import { Readable } from 'node:stream'
import type { Descriptor, ImageConfig, ImageSource, Lease, Platform, Reference } from '@slipway/core'
import { copyImage, selectManifest } from '@slipway/transfer'
import { presentBlobs } from './layer-blob.ts'
import { line, type Report, shortId } from './progress.ts'
import { type ImageParts, type IncomingLayer, readImage } from './read.ts'
import { ImageReceiver } from './receive.ts'
import type { ImageRoom } from './room.ts'

/** Layers fetched at once, as dockerd's max-concurrent-downloads. */
const downloads = 3

export interface Fetching {
  /** How it is called; it is resolved already. */
  readonly reference: Reference
  readonly parts: ImageParts
  readonly present: ReadonlySet<IncomingLayer>
  readonly lease: Lease
  readonly report: Report
  readonly signal?: AbortSignal
}

/**
 * Which layers are here: unpacked, and as a blob. Of one that outlived its image (the builder's cache stands on it) the blob
 * may be gone, and nobody here could make it again. Held before it is asked, so that the collector can't take one in between.
 */
export const presentLayers = async (
  room: ImageRoom,
  parts: ImageParts,
  lease: Lease,
): Promise<ReadonlySet<IncomingLayer>> => {
  const { snapshots } = room.store
  for (const { chainId, blob } of parts.layers) {
    lease.hold({ kind: 'snapshot', name: chainId })
    lease.hold({ kind: 'content', name: blob.digest })
  }
  await room.collector.idle()
  const present = new Set<IncomingLayer>()
  for (const layer of parts.layers) {
    const blobs = await presentBlobs(room, layer.diffId, { lease })
    if (blobs.length > 0 && (await snapshots.stat(layer.chainId)) !== undefined) present.add(layer)
  }
  return present
}

/** Each blob once, however often it stands in the stack: an empty layer often does. */
const announce = (parts: ImageParts, present: ReadonlySet<IncomingLayer>, report: Report): void => {
  const missing = new Set<string>()
  for (const layer of parts.layers) {
    const id = shortId(layer.blob.digest)
    if (present.has(layer)) report(line(id, 'Already exists'))
    else if (!missing.has(id)) report(line(id, 'Pulling fs layer'))
    if (!present.has(layer)) missing.add(id)
  }
  for (const id of [...missing].slice(downloads)) report(line(id, 'Waiting'))
}

/** Makes blobs and snapshots of the layers that aren't present. Nothing names them yet: only the lease holds them. */
export const fetchLayers = async (room: ImageRoom, remote: ImageSource, fetching: Fetching): Promise<void> => {
  const { parts, present, lease, report, reference, signal } = fetching
  announce(parts, present, report)
  const stop = new AbortController()
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
  await using receiver = new ImageReceiver({ store: room.store, parts, present, lease, report, signal: both })
  const { digest: configDigest } = parts.manifest.config
  const source: ImageSource = {
    // Resolved already, and the tag may have moved since.
    resolve: async () => parts.descriptor,
    // The config told which layers there are.
    fetch: async (target, range) =>
      target.digest === configDigest && range === undefined
        ? Readable.from([parts.configBytes], { objectMode: false })
        : remote.fetch(target, range),
  }
  const { onProgress } = receiver
  const jobs = [
    copyImage(source, reference, receiver, reference, { concurrency: downloads, onProgress, signal: both }),
    receiver.unpack(),
  ]
  // Whichever fails first ends the other; both end before the lease does.
  for (const job of jobs) job.catch((error: unknown) => stop.abort(error))
  await Promise.allSettled(jobs)
  signal?.throwIfAborted()
  stop.signal.throwIfAborted()
}

export interface LayersRequest {
  readonly reference: Reference
  /** A manifest, or an index of them. */
  readonly root: Descriptor
  readonly platform: Platform
  readonly lease: Lease
  readonly signal: AbortSignal
}

/**
 * Gets an image to build on, which becomes none here: its layers are there, and held, as long as the lease. Returns its config.
 * Throws not-found when it is for other machines, invalid for what isn't what its digest says.
 */
export const fetchToBuildOn = async (
  room: ImageRoom,
  source: ImageSource,
  { reference, root, platform, lease, signal }: LayersRequest,
): Promise<ImageConfig> => {
  const parts = await readImage(source, await selectManifest(source, root, platform))
  const present = await presentLayers(room, parts, lease)
  if (present.size < parts.layers.length) {
    await fetchLayers(room, source, { reference, parts, present, lease, report: () => {}, signal })
  }
  const kept = []
  for (const { diffId, blob } of parts.layers) {
    if ((await room.store.content.stat(blob.digest)) !== undefined) kept.push({ diffId, blob })
  }
  await room.store.rememberLayerBlobs(kept)
  return parts.config
}
