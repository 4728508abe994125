import { rm } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { Readable } from 'node:stream'
import {
  chainIds,
  compressionOf,
  type Descriptor,
  type Digest,
  digestOf,
  formatPlatform,
  hasCode,
  hostPlatform,
  type ImageSource,
  isManifest,
  type Lease,
  type Manifest,
  mediaTypes,
  notFound,
  type Platform,
  parseReference,
  type Reference,
  SlipwayError,
} from '@slipway/core'
import { lentPieces } from '@slipway/store'
import { copyImage } from '@slipway/transfer'
import { presentBlobs, type WantedLayer } from '../layer-blob.ts'
import { readKept } from '../outgoing.ts'
import { commonIndex, isFor, siblingFor } from '../platform.ts'
import { isSameRepository } from '../records.ts'
import type { ImageRoom } from '../room.ts'
import type { Image } from '../store.ts'
import { type Company, companyOf, isListed } from './company.ts'
import { ArchiveWriter } from './write.ts'

export interface SaveRequest {
  /** Names, ids; a name without a tag means every tag of the repository. */
  readonly names: readonly string[]
  /** Of each image, those for these machines, and nothing else; none: all that is here of the index that it came with. */
  readonly platforms?: readonly Platform[]
  readonly signal: AbortSignal
}

/** An image with the names it is to have in the archive. */
export interface ChosenImage {
  readonly image: Image
  readonly references: readonly Reference[]
  /** What it came from, together with others that are chosen; `whole`: with all that is here of it. */
  readonly index?: Descriptor | 'whole'
}

const isId = (image: Image, name: string): boolean =>
  image.id === name ||
  (/^(sha256:)?[a-f0-9]+$/.test(name) && image.id.replace('sha256:', '').startsWith(name.replace('sha256:', '')))

const choose = async ({ store }: ImageRoom, name: string): Promise<readonly ChosenImage[]> => {
  const reference = /^sha256:/.test(name) ? undefined : parseReference(name)
  if (reference !== undefined && reference.tag === undefined && reference.digest === undefined) {
    const tagged = (await store.list()).flatMap((image) => {
      const references = image.references.filter((own) => isSameRepository(own, reference))
      return references.length === 0 ? [] : [{ image, references }]
    })
    if (tagged.length > 0) return tagged
  }
  const image = await store.resolve(name).catch((error: unknown) => {
    throw hasCode(error, 'not-found') ? notFound('image', name) : error
  })
  const isTag = reference?.tag !== undefined && !isId(image, name)
  return [{ image, references: isTag ? [{ ...reference, tag: reference.tag }] : [] }]
}

/** What is to go into the archive: parts of the content store, and layers that were made again for it. */
class Cargo implements AsyncDisposable {
  readonly #room: ImageRoom
  readonly #lease: Lease
  readonly #signal: AbortSignal
  /** Layers of which no blob is kept, as tars. */
  readonly #tars = new Map<Digest, { readonly path: string; readonly blob: Descriptor }>()
  readonly #paths: string[] = []
  readonly #texts = new Map<Digest, Buffer>()

  constructor(room: ImageRoom, lease: Lease, signal: AbortSignal) {
    this.#room = room
    this.#lease = lease
    this.#signal = signal
  }

  sourceOf(manifest: Descriptor): ImageSource {
    return { resolve: async () => manifest, fetch: ({ digest }) => this.#fetch(digest) }
  }

  async #fetch(digest: Digest): Promise<Readable> {
    const text = this.#texts.get(digest)
    if (text !== undefined) return Readable.from([text], { objectMode: false })
    const tar = this.#tars.get(digest)
    const path = tar?.path ?? this.#room.store.content.pathOf(digest)
    // Whoever loads it verifies it.
    return Readable.from(lentPieces(path), { objectMode: true, highWaterMark: 1 })
  }

  /** The manifest it came with, if all its layers are here; else one that says what is here. */
  async manifestOf(image: Image): Promise<{ readonly descriptor: Descriptor; readonly manifest: Manifest }> {
    const { store } = this.#room
    this.#lease.hold({ kind: 'content', name: image.id })
    for (const descriptor of image.manifests.filter(({ mediaType }) => isManifest(mediaType))) {
      const kept = await readKept(this.#room, descriptor, this.#lease)
      if (kept?.manifest.config.digest === image.id) return kept
    }
    const chain = chainIds(image.config.rootfs.diff_ids)
    const layers: Descriptor[] = []
    for (const [place, chainId] of chain.entries()) {
      layers.push(await this.#layer({ diffId: image.config.rootfs.diff_ids[place] ?? chainId, chainId }))
    }
    const config = await store.content.stat(image.id)
    if (config === undefined) throw new SlipwayError('internal', `the config of image ${image.id} is gone`)
    const manifest: Manifest = {
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config: { mediaType: mediaTypes.ociConfig, digest: image.id, size: config.size },
      layers,
    }
    const bytes = Buffer.from(JSON.stringify(manifest))
    const descriptor = { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length }
    this.#texts.set(descriptor.digest, bytes)
    return { descriptor, manifest }
  }

  async #layer(layer: WantedLayer): Promise<Descriptor> {
    const [kept] = await presentBlobs(this.#room, layer.diffId, { lease: this.#lease, signal: this.#signal })
    if (kept !== undefined)
      return { mediaType: ociTypes[compressionOf(kept.mediaType)], digest: kept.digest, size: kept.size }
    const { content, snapshots } = this.#room.store
    const made = this.#tars.get(layer.diffId)
    if (made !== undefined) return made.blob
    this.#lease.hold({ kind: 'snapshot', name: layer.chainId })
    const path = content.scratchPath()
    this.#paths.push(path)
    const { diffId, size } = await snapshots.diff(layer.chainId, { to: path, signal: this.#signal })
    if (diffId !== layer.diffId) {
      throw new SlipwayError('internal', `layer ${layer.diffId} has changed on disk: its files give ${diffId}`)
    }
    const blob: Descriptor = { mediaType: mediaTypes.ociLayer, digest: diffId, size }
    this.#tars.set(diffId, { path, blob })
    return blob
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of this.#paths) await rm(path, { force: true })
  }
}

const ociTypes = { none: mediaTypes.ociLayer, gzip: mediaTypes.ociLayerGzip, zstd: mediaTypes.ociLayerZstd } as const

/**
 * Writes images as one tar, which docker, podman, skopeo and umoci read. `open` is called when everything has been found,
 * right before the first byte.
 */
export const writeImages = async (
  room: ImageRoom,
  chosen: readonly ChosenImage[],
  signal: AbortSignal,
  open: () => Writable,
): Promise<void> => {
  await using lease = room.store.leases.take(`save ${chosen.map(({ image }) => image.id).join(' ')}`)
  await using cargo = new Cargo(room, lease, signal)
  const outgoing = []
  for (const each of chosen) {
    const made = await cargo.manifestOf(each.image)
    outgoing.push({ ...each, ...made, company: await companyFor(room, each, { made: made.descriptor, lease }) })
  }
  const out = open()
  const archive = new ArchiveWriter(out, signal)
  const write = (descriptor: Descriptor, reference: Reference) =>
    copyImage(cargo.sourceOf(descriptor), reference, archive, reference, { concurrency: 1, signal })
  for (const { references, descriptor, manifest, company } of outgoing) {
    const { index, others = [] } = company ?? {}
    // What is read and not wanted would stay open.
    if (index && !(await archive.has(index))) await archive.push(index, await room.store.content.read(index.digest))
    archive.add(descriptor, manifest, index)
    const [first = unnamed, ...more] = references
    await write(descriptor, first)
    for (const reference of more) await archive.tag(reference, descriptor)
    for (const other of others) await write(other, unnamed)
  }
  await archive.finish()
  out.end()
}

/** The index that is to stand above the manifest as it goes out: one that had to be made anew is in no index. */
const companyFor = async (
  room: ImageRoom,
  { image, index }: ChosenImage,
  { made, lease }: { readonly made: Descriptor; readonly lease: Lease },
): Promise<(Pick<Company, 'index'> & Partial<Company>) | undefined> => {
  if (index === undefined) return undefined
  if (index === 'whole') return companyOf(room, image, { made, lease })
  return (await isListed(room, index, { made, lease })) ? { index } : undefined
}

/** Of several that came from one index, the first that fits this machine has the names, or else the first. */
const forPlatforms = async ({ store }: ImageRoom, chosen: readonly ChosenImage[], platforms: readonly Platform[]) => {
  const found: ChosenImage[] = []
  for (const { image, references } of chosen) {
    const siblings: Image[] = []
    for (const platform of platforms) {
      const sibling = await siblingFor(store, image, platform)
      if (sibling === undefined) throw noTarget(platform)
      if (!siblings.includes(sibling)) siblings.push(sibling)
    }
    const index = siblings.length > 1 ? commonIndex(siblings) : undefined
    const named = siblings.find((sibling) => isFor(sibling, hostPlatform())) ?? siblings[0]
    for (const sibling of siblings) {
      found.push({ image: sibling, references: sibling === named ? references : [], ...(index ? { index } : {}) })
    }
  }
  return found
}

const noTarget = (platform: Platform): SlipwayError =>
  new SlipwayError('not-found', `no suitable export target found for platform ${formatPlatform(platform)}`)

/** `docker save`. Throws not-found before the first byte. */
export const saveImages = async (room: ImageRoom, request: SaveRequest, open: () => Writable): Promise<void> => {
  const { names, platforms = [], signal } = request
  const named = (await Promise.all(names.map((name) => choose(room, name)))).flat()
  const chosen =
    platforms.length === 0
      ? named.map((each) => ({ ...each, index: 'whole' as const }))
      : await forPlatforms(room, named, platforms)
  await writeImages(room, chosen, signal, open)
  for (const { image } of chosen) room.store.publish('save', image.id, image.id)
}

/** Stands for no name: the archive leaves it out. */
const unnamed: Reference = { registry: '', repository: '' }
