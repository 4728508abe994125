import {
  type Descriptor,
  familiarName,
  familiarRepository,
  type Platform,
  type Reference,
  SlipwayError,
} from '@slipway/core'
import { connectRegistry, pushEndpoint, type RegistryCredentials } from '@slipway/remote'
import { openCopy } from '@slipway/transfer'
import type { Making } from './layer-blob.ts'
import { localSource, type Outgoing, outgoingImage, type Sending } from './outgoing.ts'
import { type WholeIndex, wholeIndex } from './outgoing-index.ts'
import { otherPlatform, siblingFor } from './platform.ts'
import { line, type Report, reportPushed, shortId } from './progress.ts'
import { PushDrawing } from './push-drawing.ts'
import { insertBlobRepository, isSameRepository, repoDigestOf, selectSister } from './records.ts'
import type { ImageRoom } from './room.ts'
import type { Image } from './store.ts'

/** Layers sent at once, as dockerd's max-concurrent-uploads. */
const uploads = 5

/** How an image goes out, where that isn't as an ordinary push would have it. */
export interface PushForm {
  /** Makes its manifest, and all that it consists of; it is held by the lease. */
  readonly outgoing?: (making: Making) => Promise<Outgoing>
  /** The registry may be spoken to without TLS. */
  readonly insecure?: boolean
}

export interface PushRequest {
  /** With a tag; without one, every tag of the repository is pushed. */
  readonly reference: Reference
  /** What the image must be for. */
  readonly platform?: Platform
  readonly credentials?: RegistryCredentials
  readonly report?: Report
  readonly signal?: AbortSignal
}

/** `docker push`. Throws, in docker's words, what is not here, may not be pushed, or can't be reached. */
export const pushImage = async (room: ImageRoom, request: PushRequest): Promise<void> => {
  const { reference, report = () => {} } = request
  const wanted = await chosenFor(room, request)
  report({ status: `The push refers to repository [${reference.registry}/${reference.repository}]` })
  if (reference.digest !== undefined) throw new SlipwayError('invalid', 'cannot push a digest reference')
  if (wanted.length === 0) throw await nothingToPush(room, reference)
  for (const each of wanted) await pushImageAs(room, each.image, { ...request, reference: each.reference })
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

/** Pushes one image under one name, whether it has that here or not; without a tag, only who knows its digest finds it there. */
export const pushImageAs = async (
  room: ImageRoom,
  image: Image,
  request: PushRequest,
  form: PushForm = {},
): Promise<Descriptor> => {
  const { reference, platform, credentials, signal, report = () => {} } = request
  const { store } = room
  await using lease = store.leases.take(`push ${familiarName(reference)}`)
  const endpoint = pushEndpoint(room.registries, reference)
  await using remote = connectRegistry({
    ...endpoint,
    ...(form.insecure ? { insecure: true } : {}),
    ...(credentials ? { credentials } : {}),
    ...(signal ? { signal } : {}),
  })
  await remote.reach()
  const index = platform === undefined && form.outgoing === undefined ? await wholeIndex(room, image, lease) : undefined
  const images = index?.images ?? [image]
  prepare(report, images)
  const drawing = new PushDrawing(report)
  await using copy = openCopy(localSource(store), remote, {
    concurrency: uploads,
    onProgress: drawing.onProgress,
    // What may not be given on has an address of its own (image-spec, layer.md, "Non-Distributable Layers").
    skip: ({ urls = [] }) => urls.length > 0,
    mountFrom: ({ digest }) => drawing.sisters.get(digest),
    ...(signal ? { signal } : {}),
  })
  const making: Sending = {
    lease,
    signal: copy.signal,
    compression: endpoint.compression,
    send: async (layer, diffId) => {
      drawing.add(layer, diffId, await selectSister(store.database, layer.digest, endpoint))
      copy.blob(layer)
    },
    onMaking: ({ diffId }, blob) => {
      copy.stream(blob)
      blob.made.then((layer) => drawing.add(layer, diffId)).catch(() => {})
    },
    onProgress: ({ diffId, chainId }, bytes) => drawing.making(diffId, bytes, store.layerBytes(chainId)),
  }
  const { descriptor, layers } = await sendAll(room, index ?? image, making, form).catch((error: unknown) => {
    signal?.throwIfAborted()
    // An upload that failed has ended this.
    copy.signal.throwIfAborted()
    throw error
  })
  await copy.finish(descriptor, reference)
  await store.database.transaction(async (sql) => {
    for (const { digest } of layers) await insertBlobRepository(sql, digest, endpoint)
  })
  await store.name(repoDigestOf(reference, descriptor.digest), image.id)
  store.publish('push', familiarName(reference), familiarRepository(reference))
  reportPushed(report, reference.tag ?? 'latest', descriptor)
  return descriptor
}

const sendAll = async (room: ImageRoom, what: WholeIndex | Image, making: Sending, { outgoing }: PushForm) => {
  if (outgoing !== undefined) {
    const { descriptor, manifest } = await outgoing(making)
    return { descriptor, layers: manifest.layers }
  }
  if ('send' in what) {
    await what.send(making)
    return what
  }
  const { descriptor, manifest } = await outgoingImage(room, what, making)
  return { descriptor, layers: manifest.layers }
}

const prepare = (report: Report, images: readonly Image[]): void => {
  const ids = new Set(images.flatMap(({ config }) => config.rootfs.diff_ids.toReversed().map(shortId)))
  for (const id of ids) report(line(id, 'Preparing'))
  for (const id of [...ids].slice(uploads)) report(line(id, 'Waiting'))
}
