import { Readable } from 'node:stream'
import {
  type CopyProgress,
  chainIds,
  compressionOf,
  createLimiter,
  type Descriptor,
  type DiffId,
  type Digest,
  digestOf,
  familiarName,
  familiarRepository,
  type ImageSource,
  isManifest,
  type Lease,
  type Manifest,
  mediaTypes,
  notFound,
  type Platform,
  type Reference,
  SlipwayError,
} from '@slipway/core'
import { connectRegistry, pushEndpoint, type RegistryCredentials } from '@slipway/remote'
import { lentPieces } from '@slipway/store'
import { openCopy, parseManifest, readSmall } from '@slipway/transfer'
import { type Compressing, layerBlobOf } from './layer-blob.ts'
import { otherPlatform, siblingFor } from './platform.ts'
import { counting, line, type Report, reportPushed, shortId } from './progress.ts'
import { storeBlob } from './receive.ts'
import { insertBlobRepository, isSameRepository, repoDigestOf, selectSister } from './records.ts'
import type { ImageRoom } from './room.ts'
import type { Image, ImageStore } from './store.ts'

/** Layers sent at once, as dockerd's max-concurrent-uploads. */
const uploads = 5

export interface PushRequest {
  /** With a tag; without one, every tag of the repository is pushed. */
  readonly reference: Reference
  /** What the image must be for. */
  readonly platform?: Platform
  readonly credentials?: RegistryCredentials
  readonly report?: Report
  readonly signal?: AbortSignal
}

/** Bytes: manifests, configs and small layers are collected before they are sent. */
const largestCollected = 8 << 20

/** What is to go out, as copyImage reads it. */
export const localSource = (store: ImageStore): ImageSource => ({
  resolve: async (reference) => {
    throw notFound('reference', familiarName(reference))
  },
  fetch: async ({ digest, size }, range) =>
    range === undefined && size > largestCollected
      ? Readable.from(lentPieces(store.content.pathOf(digest)), { objectMode: true, highWaterMark: 1 })
      : store.content.read(digest, range),
})

/** `docker push`. Throws, in docker's words, what is not here, may not be pushed, or can't be reached. */
export const pushImage = async (room: ImageRoom, request: PushRequest): Promise<void> => {
  const { reference, report = () => {} } = request
  const wanted = await chosenFor(room, request)
  report({ status: `The push refers to repository [${reference.registry}/${reference.repository}]` })
  if (reference.digest !== undefined) throw new SlipwayError('invalid', 'cannot push a digest reference')
  if (wanted.length === 0) throw await nothingToPush(room, reference)
  for (const each of wanted) await pushOne(room, each.image, { ...request, reference: each.reference })
}

const taggedIn = async ({ store }: ImageRoom, repository: Reference) =>
  (await store.list()).flatMap((image) =>
    image.references.filter((own) => isSameRepository(own, repository)).map((reference) => ({ image, reference })),
  )

/** The images that are meant, each for the platform that is asked for. */
const chosenFor = async (room: ImageRoom, { reference, platform }: PushRequest) => {
  const tagged = await taggedIn(room, reference)
  const wanted = tagged.filter((each) => reference.tag === undefined || each.reference.tag === reference.tag)
  if (platform === undefined) return wanted
  return Promise.all(
    wanted.map(async (each) => {
      const image = await siblingFor(room.store, each.image, platform)
      if (image === undefined) throw otherPlatform(each.image, platform, familiarName(each.reference))
      return { ...each, image }
    }),
  )
}

const nothingToPush = async (room: ImageRoom, reference: Reference): Promise<SlipwayError> =>
  (await taggedIn(room, reference)).length === 0
    ? new SlipwayError('not-found', `An image does not exist locally with the tag: ${familiarRepository(reference)}`)
    : new SlipwayError('not-found', `tag does not exist: ${familiarName(reference)}`)

const pushOne = async (room: ImageRoom, image: Image, request: PushRequest): Promise<void> => {
  const { reference, credentials, signal, report = () => {} } = request
  const { store } = room
  await using lease = store.leases.take(`push ${familiarName(reference)}`)
  const endpoint = pushEndpoint(room.registries, reference)
  await using remote = connectRegistry({
    ...endpoint,
    ...(credentials ? { credentials } : {}),
    ...(signal ? { signal } : {}),
  })
  await remote.reach()
  const ids = [...new Set(image.config.rootfs.diff_ids.toReversed().map(shortId))]
  for (const id of ids) report(line(id, 'Preparing'))
  for (const id of ids.slice(uploads)) report(line(id, 'Waiting'))
  const drawing = new Drawing(report)
  await using copy = openCopy(localSource(store), remote, {
    concurrency: uploads,
    onProgress: drawing.onProgress,
    // What may not be given on has an address of its own (image-spec, layer.md, "Non-Distributable Layers").
    skip: ({ urls = [] }) => urls.length > 0,
    mountFrom: ({ digest }) => drawing.sisters.get(digest),
    ...(signal ? { signal } : {}),
  })
  const send = async (layer: Descriptor, diffId: DiffId): Promise<void> => {
    drawing.add(layer, diffId, await selectSister(store.database, layer.digest, endpoint))
    copy.blob(layer)
  }
  const { descriptor, manifest } = await outgoing(room, image, {
    lease,
    signal: copy.signal,
    compression: endpoint.compression,
    send,
  }).catch((error: unknown) => {
    signal?.throwIfAborted()
    // An upload that failed has ended this.
    copy.signal.throwIfAborted()
    throw error
  })
  await copy.finish(descriptor, reference)
  await store.database.transaction(async (sql) => {
    for (const { digest } of manifest.layers) await insertBlobRepository(sql, digest, endpoint)
  })
  await store.name(repoDigestOf(reference, descriptor.digest), image.id)
  store.publish('push', familiarName(reference), familiarRepository(reference))
  reportPushed(report, reference.tag ?? 'latest', descriptor)
}

/** Draws the layers under the short names of their diffIDs, as docker does. */
class Drawing {
  /** Where blobs can be mounted from. */
  readonly sisters = new Map<Digest, Reference>()
  readonly #report: Report
  readonly #lines = new Map<Digest, { readonly id: string; readonly count: (bytes: number) => void }>()

  constructor(report: Report) {
    this.#report = report
  }

  add({ digest, size }: Descriptor, diffId: DiffId, sister: Reference | undefined): void {
    const id = shortId(diffId)
    this.#lines.set(digest, { id, count: counting(this.#report, { id, status: 'Pushing', total: size }) })
    if (sister !== undefined) this.sisters.set(digest, sister)
  }

  readonly onProgress = ({ descriptor: { digest }, state, bytes }: CopyProgress): void => {
    const drawn = this.#lines.get(digest)
    if (drawn === undefined) return
    if (state === 'copying') drawn.count(bytes)
    if (state === 'skipped') this.#report(line(drawn.id, 'Skipped foreign layer'))
    if (state === 'exists') this.#report(line(drawn.id, 'Layer already exists'))
    if (state === 'mounted') this.#report(line(drawn.id, `Mounted from ${this.sisters.get(digest)?.repository ?? ''}`))
    if (state === 'done') this.#report(line(drawn.id, 'Pushed'))
  }
}

export interface Outgoing {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
}

interface Sending extends Compressing {
  /** Takes each layer as soon as its blob is there. */
  readonly send: (layer: Descriptor, diffId: DiffId) => Promise<void>
}

/** The manifest it came with, if all its blobs are still here; else a new one, the same each time. */
const outgoing = async (room: ImageRoom, image: Image, making: Sending): Promise<Outgoing> => {
  const { store, collector } = room
  const { diff_ids: diffIds } = image.config.rootfs
  making.lease.hold({ kind: 'content', name: image.id })
  for (const descriptor of image.manifests.filter(({ mediaType }) => isManifest(mediaType))) {
    making.lease.hold({ kind: 'content', name: descriptor.digest })
    await collector.idle()
    const kept = await readKept(room, descriptor, making.lease)
    if (kept === undefined) continue
    for (const [place, layer] of kept.manifest.layers.entries()) {
      await making.send(layer, diffIds[place] ?? layer.digest)
    }
    return kept
  }
  const layers = await makeLayers(room, diffIds, making)
  const config = await store.content.stat(image.id)
  if (config === undefined) throw new SlipwayError('internal', `the config of image ${image.id} is gone`)
  return writeManifest(room, image.id, { layers, configSize: config.size }, making)
}

/** One is compressed while another one is brought to the disk, or is on its way; each once, however often it stands in the stack. */
const madeAtOnce = 2

const makeLayers = async (
  room: ImageRoom,
  diffIds: readonly DiffId[],
  making: Sending,
): Promise<readonly Descriptor[]> => {
  const limit = createLimiter(madeAtOnce)
  const stop = new AbortController()
  const signal = making.signal === undefined ? stop.signal : AbortSignal.any([making.signal, stop.signal])
  const jobs = new Map<DiffId, Promise<Descriptor>>()
  for (const [place, chainId] of chainIds(diffIds).entries()) {
    const diffId = diffIds[place] ?? chainId
    if (jobs.has(diffId)) continue
    const job = limit(async () => {
      signal.throwIfAborted()
      const layer = await layerBlobOf(room, { diffId, chainId }, { ...making, signal })
      await making.send(layer, diffId)
      return layer
    })
    job.catch((error: unknown) => stop.abort(error))
    jobs.set(diffId, job)
  }
  await Promise.allSettled(jobs.values())
  stop.signal.throwIfAborted()
  return Promise.all(diffIds.map((diffId) => jobs.get(diffId) as Promise<Descriptor>))
}

/** The manifest and all its layers, if they are here; held from now on. */
export const readKept = async (
  { store }: ImageRoom,
  descriptor: Descriptor,
  lease: Lease,
): Promise<Outgoing | undefined> => {
  if ((await store.content.stat(descriptor.digest)) === undefined) return undefined
  const manifest = parseManifest(await readSmall(localSource(store), descriptor), descriptor.digest)
  for (const { digest } of manifest.layers) {
    lease.hold({ kind: 'content', name: digest })
    if ((await store.content.stat(digest)) === undefined) return undefined
  }
  return { descriptor, manifest }
}

const ociTypes = { none: mediaTypes.ociLayer, gzip: mediaTypes.ociLayerGzip, zstd: mediaTypes.ociLayerZstd } as const

/** Docker's own format knows gzip only; every registry and client takes it. */
const writeManifest = async (
  { store }: ImageRoom,
  id: Digest,
  { layers, configSize }: { readonly layers: readonly Descriptor[]; readonly configSize: number },
  { lease }: Pick<Sending, 'lease'>,
): Promise<Outgoing> => {
  const isDocker = layers.every(({ mediaType }) => compressionOf(mediaType) === 'gzip')
  const layerType = ({ mediaType }: Descriptor): string =>
    isDocker ? mediaTypes.dockerLayerGzip : ociTypes[compressionOf(mediaType)]
  const mediaType = isDocker ? mediaTypes.dockerManifest : mediaTypes.ociManifest
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: isDocker ? mediaTypes.dockerConfig : mediaTypes.ociConfig, size: configSize, digest: id },
    layers: layers.map((layer) => ({ mediaType: layerType(layer), size: layer.size, digest: layer.digest })),
  }
  const bytes = Buffer.from(JSON.stringify(manifest))
  const descriptor: Descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length }
  lease.hold({ kind: 'content', name: descriptor.digest })
  await storeBlob(store.content, descriptor, [bytes])
  await store.rememberManifest(id, descriptor)
  return { descriptor, manifest }
}
