import {
  type ChainId,
  type ContentStore,
  chainIds,
  type Database,
  type Descriptor,
  type DiffId,
  type Digest,
  digestOf,
  type EventBus,
  familiarName,
  formatReference,
  type HasFiles,
  hexOf,
  type ImageConfig,
  invalid,
  isDigest,
  type Lease,
  type Leases,
  notFound,
  parseReference,
  type Reference,
  type Snapshotter,
  withDefaultTag,
} from '@slipway/core'
import { Turns } from '@slipway/store'
import { publishPruned } from '../system/pruned.ts'
import {
  deleteCollected,
  deleteImage,
  deleteManifest,
  deleteReference,
  type Image,
  imageOf,
  insertImage,
  insertLayer,
  insertLayerBlob,
  insertManifest,
  type LayerBlob,
  readImageTables,
  upsertReference,
  upsertRepoDigest,
} from './records.ts'

export { type Image, imageMigrations } from './records.ts'

/** A container that was made from an image. */
export interface ImageUser {
  readonly id: string
  readonly running: boolean
}

export interface ImageStoreOptions {
  /** Already migrated with `imageMigrations`. */
  readonly database: Database
  readonly content: ContentStore & HasFiles
  readonly snapshots: Snapshotter
  readonly leases: Leases
  readonly events: EventBus
  /** The containers that use the image, running or not; default: none. */
  readonly inUse?: (id: Digest) => readonly ImageUser[]
}

export interface CreateOptions {
  /** Every layer is a committed snapshot already. */
  readonly config: ImageConfig
  /** The config's exact bytes, where they came from outside: their digest is the id. */
  readonly configBytes?: Uint8Array
  /** The image of the build step before. */
  readonly parent?: Digest
  /** Keeps the layers until the image is there. */
  readonly lease: Lease
}

const shortestPrefix = 1
const idPattern = /^(?:sha256:)?[a-f0-9]{1,64}$/

/**
 * The images there are: all in memory, every change in the database before it counts. Blobs and layers are in the content
 * store and the snapshotter; what no image refers to any more is the collector's business (see collect.ts).
 */
export class ImageStore {
  readonly content: ContentStore & HasFiles
  readonly snapshots: Snapshotter
  readonly leases: Leases
  readonly database: Database
  /** Layers that are being unpacked, by chain id. */
  readonly unpacking = new Turns()
  readonly #events: EventBus
  readonly #inUse: (id: Digest) => readonly ImageUser[]
  readonly #images = new Map<Digest, Image>()
  /** `docker.io/library/alpine:latest` and `docker.io/library/alpine@sha256:…` → id. */
  readonly #names = new Map<string, Digest>()
  readonly #layerBytes = new Map<ChainId, number>()
  readonly #layerBlobs = new Map<DiffId, readonly Descriptor[]>()

  private constructor(options: ImageStoreOptions) {
    this.content = options.content
    this.snapshots = options.snapshots
    this.leases = options.leases
    this.database = options.database
    this.#events = options.events
    this.#inUse = options.inUse ?? (() => [])
  }

  static async open(options: ImageStoreOptions): Promise<ImageStore> {
    const store = new ImageStore(options)
    const { images, layers, layerBlobs } = await readImageTables(options.database)
    for (const image of images) store.#remember(image)
    for (const { chainId, bytes } of layers) store.#layerBytes.set(chainId, bytes)
    for (const layerBlob of layerBlobs) store.#rememberLayerBlob(layerBlob)
    return store
  }

  async get(id: Digest): Promise<Image | undefined> {
    return this.#images.get(id)
  }

  async list(): Promise<readonly Image[]> {
    return [...this.#images.values()]
  }

  /**
   * By id, name, name@digest, manifest digest, or the beginning of an id, in docker's order. Throws not-found
   * (`No such image: nope:latest`), invalid for what is no reference, or for the beginning of several ids.
   */
  async resolve(name: string): Promise<Image> {
    const id = /^[a-f0-9]{64}$/.test(name) ? `sha256:${name}` : name
    if (isDigest(id)) {
      const image = this.#images.get(id) ?? this.#byManifest(id)
      if (image === undefined) throw notFound('image', name)
      return image
    }
    const reference =
      idPattern.test(name) && name.startsWith('sha256:') ? undefined : withDefaultTag(parseReference(name))
    const image = (reference && this.byReference(reference)) ?? this.#byPrefix(name)
    if (image === undefined) throw notFound('image', reference === undefined ? name : familiarName(reference))
    return image
  }

  /** The image that has this very name; a digest counts more than a tag beside it. */
  byReference(reference: Reference): Image | undefined {
    const { tag: _, ...byDigest } = reference
    const name = formatReference(reference.digest === undefined ? reference : byDigest)
    return this.#images.get(this.#names.get(name) as Digest)
  }

  #byManifest(digest: Digest): Image | undefined {
    for (const image of this.#images.values()) {
      if (image.manifests.some((manifest) => manifest.digest === digest)) return image
    }
    return undefined
  }

  #byPrefix(text: string): Image | undefined {
    if (!idPattern.test(text) || text.length < shortestPrefix) return undefined
    const prefix = text.replace(/^sha256:/, '')
    const found = [...this.#images.values()].filter(({ id }) => hexOf(id).startsWith(prefix))
    if (found.length > 1) throw invalid(`multiple IDs found with provided prefix: ${text}`)
    return found[0]
  }

  children(id: Digest): readonly Image[] {
    return [...this.#images.values()].filter(({ parent }) => parent === id)
  }

  inUse(id: Digest): readonly ImageUser[] {
    return this.#inUse(id)
  }

  /** Bytes of a layer beyond its parent. */
  layerBytes(chainId: ChainId): number {
    return this.#layerBytes.get(chainId) ?? 0
  }

  layerBlobs(diffId: DiffId): readonly Descriptor[] {
    return this.#layerBlobs.get(diffId) ?? []
  }

  /** Whether these bytes are known as those of a layer. */
  isLayerBlob(digest: Digest): boolean {
    for (const blobs of this.#layerBlobs.values()) if (blobs.some((blob) => blob.digest === digest)) return true
    return false
  }

  /** Every layer is there already; makes it an image. The same config is the same image. Throws not-found for a missing layer. */
  async create(options: CreateOptions): Promise<Image> {
    const { config, parent, lease } = options
    const bytes = Buffer.from(options.configBytes ?? JSON.stringify(config))
    const id = digestOf(bytes)
    lease.hold({ kind: 'content', name: id })
    const known = this.#images.get(id)
    // A cached build makes an image of every step again: writing each takes longer than all the rest of it.
    if (known !== undefined && (await this.content.stat(id)) !== undefined) return known
    await this.#writeBlob(id, bytes)
    if (known !== undefined) return known
    const chain = chainIds(config.rootfs.diff_ids)
    const top = chain.at(-1)
    // Sizes are remembered longer than layers may live: ask whether they are still here.
    if (top !== undefined && (await this.snapshots.stat(top)) === undefined) throw notFound('snapshot', top)
    const layers = await this.#measure(chain)
    const image: Image = {
      ...imageOf(id, config),
      size: layers.reduce((sum, layer) => sum + layer.bytes, 0),
      references: [],
      repoDigests: [],
      manifests: [],
      ...(parent === undefined ? {} : { parent }),
    }
    await this.database.transaction(async (sql) => {
      for (const layer of layers) await insertLayer(sql, layer)
      await insertImage(sql, image, bytes.toString('utf8'))
    })
    for (const { chainId, bytes: size } of layers) this.#layerBytes.set(chainId, size)
    const made = this.#images.get(id) ?? image
    this.#images.set(id, made)
    return made
  }

  async #writeBlob(digest: Digest, bytes: Uint8Array): Promise<void> {
    await using ingest = await this.content.ingest(`image ${digest}`)
    if (ingest.offset < bytes.length) await ingest.write([bytes.subarray(ingest.offset)])
    await ingest.commit({ digest, size: bytes.length })
  }

  async #measure(chain: readonly ChainId[]): Promise<readonly { chainId: ChainId; bytes: number }[]> {
    const measured: { chainId: ChainId; bytes: number }[] = []
    for (const chainId of chain) {
      const known = this.#layerBytes.get(chainId)
      measured.push({ chainId, bytes: known ?? (await this.snapshots.usage(chainId)).bytes })
    }
    return measured
  }

  /** Gives it a tag, taken away from whatever had it; a reference with a digest becomes a RepoDigest. */
  async tag(reference: Reference, id: Digest): Promise<void> {
    await this.name(reference, id)
    if (reference.digest === undefined) this.publish('tag', id, familiarName(withDefaultTag(reference)))
  }

  /** As `tag()`, without telling the world. */
  async name(reference: Reference, id: Digest): Promise<void> {
    const image = this.#images.get(id)
    if (image === undefined) throw notFound('image', id)
    const { registry, repository, digest } = reference
    const full: Reference = digest === undefined ? withDefaultTag({ ...reference }) : { registry, repository, digest }
    const now = new Date()
    await this.database.transaction((sql) =>
      digest === undefined ? upsertReference(sql, full, id, now) : upsertRepoDigest(sql, full, id),
    )
    this.#dropName(full)
    const current = this.#images.get(id) ?? image
    this.#remember(
      digest === undefined
        ? { ...current, references: [...current.references, full], lastTaggedAt: now }
        : { ...current, repoDigests: [...current.repoDigests, full] },
    )
  }

  /** A manifest, or index, of the image, which is kept with it. */
  async rememberManifest(id: Digest, manifest: Descriptor): Promise<void> {
    await this.database.transaction((sql) => insertManifest(sql, id, manifest))
    const image = this.#images.get(id)
    if (image !== undefined && !image.manifests.some(({ digest }) => digest === manifest.digest)) {
      this.#images.set(id, { ...image, manifests: [...image.manifests, manifest] })
    }
  }

  /** A manifest that isn't here any more. */
  async forgetManifest(id: Digest, digest: Digest): Promise<void> {
    await this.database.transaction((sql) => deleteManifest(sql, id, digest))
    const image = this.#images.get(id)
    if (image === undefined) return
    this.#images.set(id, { ...image, manifests: image.manifests.filter((manifest) => manifest.digest !== digest) })
  }

  async rememberLayerBlobs(layerBlobs: readonly LayerBlob[]): Promise<void> {
    await this.database.transaction(async (sql) => {
      for (const layerBlob of layerBlobs) await insertLayerBlob(sql, layerBlob)
    })
    for (const layerBlob of layerBlobs) this.#rememberLayerBlob(layerBlob)
  }

  /** Takes a tag or a RepoDigest away; the image stays. */
  async untag(reference: Reference): Promise<void> {
    await this.database.transaction((sql) => deleteReference(sql, reference))
    this.#dropName(reference)
  }

  /** Forgets the image with all its names. Its blobs and layers go with the next collection. */
  async forget(id: Digest): Promise<void> {
    await this.database.transaction((sql) => deleteImage(sql, id))
    const image = this.#images.get(id)
    for (const reference of [...(image?.references ?? []), ...(image?.repoDigests ?? [])]) this.#dropName(reference)
    this.#images.delete(id)
  }

  /** The collector has taken these away. */
  async forgetCollected(chainIds: readonly ChainId[], digests: readonly Digest[]): Promise<void> {
    await this.database.transaction((sql) => deleteCollected(sql, { chainIds, digests }))
    for (const chainId of chainIds) this.#layerBytes.delete(chainId)
    const gone = new Set(digests)
    for (const [diffId, blobs] of this.#layerBlobs) {
      const left = blobs.filter(({ digest }) => !gone.has(digest))
      if (left.length === 0) this.#layerBlobs.delete(diffId)
      else if (left.length < blobs.length) this.#layerBlobs.set(diffId, left)
    }
  }

  /** Tells the world; `name` is what docker puts in the attribute of that name. */
  publish(action: string, id: string, name: string): void {
    const labels = this.#images.get(id as Digest)?.config.config?.Labels
    this.#events.publish({ type: 'image', action, id, attributes: { ...labels, name }, at: new Date() })
  }

  publishPruned(reclaimed: number): void {
    publishPruned(this.#events, 'image', reclaimed)
  }

  #remember(image: Image): void {
    this.#images.set(image.id, image)
    for (const name of [...image.references, ...image.repoDigests]) this.#names.set(formatReference(name), image.id)
  }

  #dropName(reference: Reference): void {
    const name = formatReference(reference)
    const owner = this.#images.get(this.#names.get(name) as Digest)
    this.#names.delete(name)
    if (owner === undefined) return
    const isOther = (other: Reference): boolean => formatReference(other) !== name
    this.#images.set(owner.id, {
      ...owner,
      references: owner.references.filter(isOther),
      repoDigests: owner.repoDigests.filter(isOther),
    })
  }

  #rememberLayerBlob({ diffId, blob }: LayerBlob): void {
    const known = this.#layerBlobs.get(diffId) ?? []
    if (!known.some(({ digest }) => digest === blob.digest)) this.#layerBlobs.set(diffId, [...known, blob])
  }
}
