import {
  type Descriptor,
  type ErrorCode,
  familiarName,
  familiarRepository,
  formatReference,
  hasCode,
  hostPlatform,
  type ImageSource,
  isIndex,
  type Lease,
  type Platform,
  type Reference,
  SlipwayError,
} from '@slipway/core'
import {
  connectRegistry,
  loginEndpoint,
  pullEndpoints,
  type RegistryCredentials,
  type RegistryEndpoint,
} from '@slipway/remote'
import { readSmall, resolveImage, selectManifest } from '@slipway/transfer'
import { keepAttestations } from './attestations.ts'
import { fetchLayers, presentLayers } from './fetch.ts'
import { isFor, otherPlatform } from './platform.ts'
import type { Report } from './progress.ts'
import { type ImageParts, readImage } from './read.ts'
import { storeBlob } from './receive.ts'
import { insertBlobRepository, repoDigestOf } from './records.ts'
import type { ImageRoom } from './room.ts'
import type { Image } from './store.ts'

export interface PullRequest {
  /** With a tag or a digest. */
  readonly reference: Reference
  /** Default: this machine's. */
  readonly platform?: Platform
  readonly credentials?: RegistryCredentials
  readonly report?: Report
  readonly signal?: AbortSignal
}

/** What makes the next place worth asking; anything else is wrong everywhere. */
const elsewhere: readonly ErrorCode[] = ['not-found', 'unavailable', 'unauthenticated', 'forbidden', 'rate-limited']

/**
 * The places to ask, with the credentials for each. They are the user's for the registry that was named, so only that
 * registry, or the one that a rule puts in its place, is to see them: no mirror.
 */
const placesFor = (
  room: ImageRoom,
  { reference, credentials }: Pick<PullRequest, 'reference' | 'credentials'>,
): readonly (RegistryEndpoint & { readonly credentials?: RegistryCredentials })[] => {
  const entitled = loginEndpoint(room.registries, reference.registry).registry
  return pullEndpoints(room.registries, reference).map((endpoint) =>
    credentials !== undefined && (endpoint.registry === entitled || endpoint.registry === reference.registry)
      ? { ...endpoint, credentials }
      : endpoint,
  )
}

/** Asks one place after the other, and throws what the last one said. */
export const askInTurn = async <T>(
  room: ImageRoom,
  request: Pick<PullRequest, 'reference' | 'credentials' | 'signal'>,
  ask: (remote: ReturnType<typeof connectRegistry>) => Promise<T>,
): Promise<T> => {
  let last: unknown
  for (const place of placesFor(room, request)) {
    await using remote = connectRegistry({
      ...place,
      // The content store verifies what it is given.
      verifyBlobs: false,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    })
    try {
      return await ask(remote)
    } catch (error) {
      request.signal?.throwIfAborted()
      if (!elsewhere.some((code) => hasCode(error, code))) throw error
      last = error
    }
  }
  throw last
}

/**
 * `docker pull`: gets an image, and names it when every part of it is here and verified. Layers that are here are not
 * fetched; those that came before a failure or an abort stay for the next try, until the collector comes by. Throws
 * not-found, unauthenticated, unavailable in docker's words.
 */
export const pullImage = async (room: ImageRoom, request: PullRequest): Promise<Image> => {
  const { reference, platform, report = () => {} } = request
  const { image, isNews } = await askInTurn(room, request, (remote) => pullFrom(room, remote, request))
  const name = familiarName(reference)
  reportEnd(report, name, isNews)
  if (platform !== undefined && !isFor(image, platform)) {
    report({ status: `WARNING: ${otherPlatform(image, platform, name).message}` })
  }
  return image
}

/** `docker pull -a`: every tag of the repository, and how it went for all of them together. */
export const pullAllTags = async (room: ImageRoom, request: PullRequest): Promise<void> => {
  const tags = await askInTurn(room, request, (remote) => remote.tags())
  const { report = () => {} } = request
  let isNews = false
  for (const tag of tags) {
    const each = { ...request, reference: { ...request.reference, tag } }
    const pulled = await askInTurn(room, each, (remote) => pullFrom(room, remote, each))
    isNews ||= pulled.isNews
  }
  reportEnd(report, familiarRepository(request.reference), isNews)
}

const reportEnd = (report: Report, name: string, isNews: boolean): void =>
  report({ status: `Status: ${isNews ? 'Downloaded newer image' : 'Image is up to date'} for ${name}` })

/** What docker calls the thing it pulls from a repository. */
const shownAs = (reference: Reference): string =>
  reference.digest === undefined ? (reference.tag ?? 'latest') : formatReference(reference)

interface Pulled {
  readonly image: Image
  /** The name stands for another image than before. */
  readonly isNews: boolean
}

const pullFrom = async (
  room: ImageRoom,
  remote: ReturnType<typeof connectRegistry>,
  request: PullRequest,
): Promise<Pulled> => {
  const { reference, platform = hostPlatform(), report = () => {} } = request
  const { store } = room
  const root = await resolveImage(remote, reference)
  report({ status: `Pulling from ${reference.repository}`, id: shownAs(reference) })
  const parts = await readImage(remote, await selectManifest(remote, root, platform))

  await using lease = store.leases.take(`pull ${familiarName(reference)}`)
  const before = store.byReference(reference)?.id
  const present = await presentLayers(room, parts, lease)
  const known = await store.get(parts.manifest.config.digest)
  if (known === undefined || present.size < parts.layers.length) {
    await fetchLayers(room, remote, { ...request, report, parts, present, lease })
  }
  const image = await record(room, remote, { reference, root, parts, lease, signal: request.signal })
  await rememberSource(room, remote, parts)
  store.publish('pull', familiarName(reference), familiarRepository(reference))
  report({ status: `Digest: ${root.digest}` })
  return { image, isNews: before !== image.id }
}

interface Recording {
  readonly reference: Reference
  readonly root: Descriptor
  readonly parts: ImageParts
  readonly lease: Lease
  readonly signal: AbortSignal | undefined
}

/** Everything is here: makes it an image, beside it its manifest and index, and names it last. */
const record = async (room: ImageRoom, remote: ImageSource, { reference, root, parts, lease, signal }: Recording) => {
  const { store } = room
  const { descriptor, config, configBytes, layers } = parts
  for (const manifest of [descriptor, root]) {
    lease.hold({ kind: 'content', name: manifest.digest })
    if ((await store.content.stat(manifest.digest)) !== undefined) continue
    await storeBlob(store.content, manifest, [await readSmall(remote, manifest)])
  }
  const image = await store.create({ config, configBytes, lease })
  const kept = []
  for (const { diffId, blob } of layers) {
    if ((await store.content.stat(blob.digest)) !== undefined) kept.push({ diffId, blob })
  }
  await store.rememberLayerBlobs(kept)
  await store.rememberManifest(image.id, descriptor)
  if (isIndex(root.mediaType)) await store.rememberManifest(image.id, root)
  await keepAttestations(room, remote, { id: image.id, manifest: descriptor, index: root, lease, signal })
  await store.name(repoDigestOf(reference, root.digest), image.id)
  if (reference.digest === undefined) await store.name(reference, image.id)
  const made = await store.get(image.id)
  if (made === undefined) throw new SlipwayError('conflict', `image ${image.id} was removed while it was being pulled`)
  return made
}

/** So that a push to a sister repository can mount the blobs. */
const rememberSource = async (
  room: ImageRoom,
  { registry, repository }: { readonly registry: string; readonly repository: string },
  { layers }: ImageParts,
): Promise<void> => {
  await room.store.database.transaction(async (sql) => {
    for (const { blob } of layers) await insertBlobRepository(sql, blob.digest, { registry, repository })
  })
}
