import {
  type CopyProgress,
  chainIds,
  compressionOf,
  type Descriptor,
  type Digest,
  digestOf,
  familiarName,
  familiarRepository,
  type ImageSource,
  isManifest,
  type Lease,
  type Manifest,
  mediaTypes,
  type Reference,
  SlipwayError,
} from '@slipway/core'
import { connectRegistry, pushEndpoint, type RegistryCredentials } from '@slipway/remote'
import { copyImage, parseManifest, readSmall } from '@slipway/transfer'
import { layerBlobOf } from './layer-blob.ts'
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
  readonly credentials?: RegistryCredentials
  readonly report?: Report
  readonly signal?: AbortSignal
}

/** What is to go out, as copyImage reads it. */
const localSource = (store: ImageStore, manifest: Descriptor): ImageSource => ({
  resolve: async () => manifest,
  fetch: ({ digest }, range) => store.content.read(digest, range),
})

/** `docker push`. Throws, in docker's words, what is not here, may not be pushed, or can't be reached. */
export const pushImage = async (room: ImageRoom, request: PushRequest): Promise<void> => {
  const { reference, report = () => {} } = request
  if (reference.digest !== undefined) throw new SlipwayError('invalid', 'cannot push a digest reference')
  report({ status: `The push refers to repository [${reference.registry}/${reference.repository}]` })
  const tagged = (await room.store.list()).flatMap((image) =>
    image.references.filter((own) => isSameRepository(own, reference)).map((own) => ({ image, reference: own })),
  )
  if (tagged.length === 0) {
    const name = familiarRepository(reference)
    throw new SlipwayError('not-found', `An image does not exist locally with the tag: ${name}`)
  }
  const wanted = tagged.filter((each) => reference.tag === undefined || each.reference.tag === reference.tag)
  if (wanted.length === 0) throw new SlipwayError('not-found', `tag does not exist: ${familiarName(reference)}`)
  for (const each of wanted) await pushOne(room, each.image, { ...request, reference: each.reference })
}

const pushOne = async (room: ImageRoom, image: Image, request: PushRequest): Promise<void> => {
  const { reference, credentials, signal, report = () => {} } = request
  const { store } = room
  const diffIds = image.config.rootfs.diff_ids
  for (const diffId of diffIds.toReversed()) report(line(shortId(diffId), 'Preparing'))
  for (const diffId of diffIds.toReversed().slice(uploads)) report(line(shortId(diffId), 'Waiting'))

  await using lease = store.leases.take(`push ${familiarName(reference)}`)
  const { descriptor, manifest } = await manifestOf(room, image, { lease, signal })
  const endpoint = pushEndpoint(room.registries, reference)
  await using remote = connectRegistry({
    ...endpoint,
    ...(credentials ? { credentials } : {}),
    ...(signal ? { signal } : {}),
  })
  const sisters = await sistersOf(room, manifest, endpoint)
  await copyImage(localSource(store, descriptor), reference, remote, reference, {
    concurrency: uploads,
    onProgress: drawPush(manifest, diffIds, sisters, report),
    mountFrom: ({ digest }) => sisters.get(digest),
    ...(signal ? { signal } : {}),
  })
  await store.database.transaction(async (sql) => {
    for (const { digest } of manifest.layers) await insertBlobRepository(sql, digest, endpoint)
  })
  await store.name(repoDigestOf(reference, descriptor.digest), image.id)
  store.publish('push', familiarName(reference), familiarRepository(reference))
  reportPushed(report, reference.tag ?? 'latest', descriptor)
}

/** Where each blob can be mounted from. */
const sistersOf = async (
  { store }: ImageRoom,
  manifest: Manifest,
  at: Reference,
): Promise<ReadonlyMap<Digest, Reference>> => {
  const sisters = new Map<Digest, Reference>()
  for (const { digest } of manifest.layers) {
    const sister = await selectSister(store.database, digest, at)
    if (sister !== undefined) sisters.set(digest, sister)
  }
  return sisters
}

/** Draws the layers under the short names of their diffIDs, as docker does. */
const drawPush = (
  manifest: Manifest,
  diffIds: readonly Digest[],
  sisters: ReadonlyMap<Digest, Reference>,
  report: Report,
): ((step: CopyProgress) => void) => {
  const lines = new Map(
    manifest.layers.map(({ digest, size }, place) => {
      const id = shortId(diffIds[place] ?? digest)
      return [digest, { id, count: counting(report, { id, status: 'Pushing', total: size }) }] as const
    }),
  )
  return ({ descriptor: { digest }, state, bytes }) => {
    const drawn = lines.get(digest)
    if (drawn === undefined) return
    if (state === 'copying') drawn.count(bytes)
    if (state === 'exists') report(line(drawn.id, 'Layer already exists'))
    if (state === 'mounted') report(line(drawn.id, `Mounted from ${sisters.get(digest)?.repository ?? ''}`))
    if (state === 'done') report(line(drawn.id, 'Pushed'))
  }
}

export interface Outgoing {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
}

interface Making {
  readonly lease: Lease
  readonly signal: AbortSignal | undefined
}

/** The manifest it came with, if all its blobs are still here; else a new one, the same each time. */
const manifestOf = async (room: ImageRoom, image: Image, making: Making): Promise<Outgoing> => {
  const { store, collector } = room
  making.lease.hold({ kind: 'content', name: image.id })
  for (const descriptor of image.manifests.filter(({ mediaType }) => isManifest(mediaType))) {
    making.lease.hold({ kind: 'content', name: descriptor.digest })
    await collector.idle()
    const kept = await readKept(room, descriptor, making.lease)
    if (kept !== undefined) return kept
  }
  const chain = chainIds(image.config.rootfs.diff_ids)
  const layers: Descriptor[] = []
  for (const [place, chainId] of chain.entries()) {
    const diffId = image.config.rootfs.diff_ids[place] ?? chainId
    layers.push(await layerBlobOf(room, { diffId, chainId }, making))
  }
  const config = await store.content.stat(image.id)
  if (config === undefined) throw new SlipwayError('internal', `the config of image ${image.id} is gone`)
  return writeManifest(room, image.id, { layers, configSize: config.size }, making)
}

/** The manifest and all its layers, if they are here; held from now on. */
export const readKept = async (
  { store }: ImageRoom,
  descriptor: Descriptor,
  lease: Lease,
): Promise<Outgoing | undefined> => {
  if ((await store.content.stat(descriptor.digest)) === undefined) return undefined
  const manifest = parseManifest(await readSmall(localSource(store, descriptor), descriptor), descriptor.digest)
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
  { lease }: Making,
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
