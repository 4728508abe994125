import { rm } from 'node:fs/promises'
import type { CheckFinding, SystemCheck } from '@slipway/client'
import {
  type ChainId,
  chainIds,
  type Descriptor,
  type DiffId,
  type Digest,
  digestOf,
  familiarName,
  type Held,
  hasCode,
  hasErrno,
  type Lease,
  mediaTypes,
} from '@slipway/core'
import { hashFile } from '@slipway/store'
import { checkLayer, type PlacedLayer } from './check-layer.ts'
import { isNameless } from './companion.ts'
import type { WantedLayer } from './layer-blob.ts'
import { storeBlob } from './receive.ts'
import { selectConfigText } from './records.ts'
import type { ImageRoom } from './room.ts'
import type { Image } from './store.ts'

export interface CheckRequest {
  readonly repair: boolean
  /** Snapshots that must be there, besides those of images: the containers'. */
  readonly needed: readonly string[]
  /** Of these, the snapshots that are mounted. Default: none. */
  readonly mounted?: readonly string[]
  /** Makes a layer again that no image has, and no build; resolves to whether it could. */
  readonly remake?: (name: ChainId, parent: ChainId | undefined) => Promise<boolean>
  readonly signal: AbortSignal
}

type Report = (finding: CheckFinding) => void

/**
 * `slipway system check`: reads every blob and every layer's files, and looks for every part of every image, for what
 * containers need, for every name's image, and for what nothing refers to. With `repair` a layer is unpacked again from
 * its blob (unless a running container stands on it), a config written again from the database, a damaged blob forgotten
 * (its layer's files may make it again), and left-overs collected. What can't be made again is told as lost.
 */
class Check {
  readonly #room: ImageRoom
  readonly #request: CheckRequest
  readonly #lease: Lease
  readonly #findings: CheckFinding[] = []
  readonly #broken = new Set<Digest>()
  readonly #layersChecked = new Set<string>()

  constructor(room: ImageRoom, request: CheckRequest, lease: Lease) {
    this.#room = room
    this.#request = request
    this.#lease = lease
  }

  get findings(): readonly CheckFinding[] {
    return this.#findings
  }

  /** Notes what is wrong; `mend` is tried when repairing, and returns whether it is right now. `hurt`: what it is a part of. */
  async #found(
    kind: CheckFinding['Kind'],
    name: string,
    problem: string,
    mend: () => Promise<boolean>,
    hurt: (image: Image) => boolean = () => false,
  ): Promise<void> {
    const tell: Report = (finding) => this.#findings.push(finding)
    if (!this.#request.repair) return tell({ Kind: kind, Name: name, Problem: problem, Outcome: 'found' })
    const images = (await this.#room.store.list()).filter(hurt)
    const named = images.filter((image) => !isNameless(image))
    const remedies = (named.length > 0 ? named : images).map(remedyFor)
    if (await mend()) return tell({ Kind: kind, Name: name, Problem: problem, Outcome: 'repaired' })
    tell({ Kind: kind, Name: name, Problem: [problem, ...remedies].join('; '), Outcome: 'lost' })
  }

  async blobs(): Promise<{ readonly Blobs: number; readonly BlobBytes: number }> {
    const { content } = this.#room.store
    let count = 0
    let bytes = 0
    for await (const { digest, size } of content.list()) {
      this.#request.signal.throwIfAborted()
      const hashed = digest.startsWith('sha256:') ? await this.#hash(digest) : undefined
      count += 1
      bytes += size
      if (hashed === undefined || hashed === digest) continue
      this.#broken.add(digest)
      await this.#found(
        'blob',
        digest,
        `its bytes are ${hashed}`,
        async () => {
          const layers = await this.#layersOf(digest)
          await content.delete(digest)
          await this.#room.store.forgetCollected([], [digest])
          if (await this.#isConfig(digest)) return this.#writeConfig(digest)
          return (await Promise.all(layers.map((layer) => this.#canPack(layer)))).every(Boolean)
        },
        (image) => image.id === digest || this.#hasBlob(image, digest),
      )
    }
    return { Blobs: count, BlobBytes: bytes }
  }

  #hasBlob({ config }: Image, digest: Digest): boolean {
    const { store } = this.#room
    return config.rootfs.diff_ids.some((diffId) => store.layerBlobs(diffId).some((blob) => blob.digest === digest))
  }

  /** The layers that came as this blob. */
  async #layersOf(digest: Digest): Promise<readonly WantedLayer[]> {
    const { store } = this.#room
    return (await store.list()).flatMap(({ config }) => {
      const chain = chainIds(config.rootfs.diff_ids)
      return config.rootfs.diff_ids.flatMap((diffId, place) =>
        store.layerBlobs(diffId).some((blob) => blob.digest === digest)
          ? [{ diffId, chainId: chain[place] ?? diffId }]
          : [],
      )
    })
  }

  /** Whether the layer's files give the same tar, so that a push or save can make the blob again. Another one does too. */
  async #canPack({ diffId, chainId }: WantedLayer): Promise<boolean> {
    const { store } = this.#room
    const { snapshots } = store
    if (store.layerBlobs(diffId).length > 0) return true
    if ((await snapshots.stat(chainId)) === undefined) return false
    return (await snapshots.diff(chainId, { signal: this.#request.signal, fromDisk: true })).diffId === diffId
  }

  /** Undefined when it was collected meanwhile. */
  async #hash(digest: Digest): Promise<Digest | undefined> {
    const { content } = this.#room.store
    try {
      return (await hashFile(content.pathOf(digest), { signal: this.#request.signal })).digest
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return undefined
      throw error
    }
  }

  async #isConfig(digest: Digest): Promise<boolean> {
    return (await this.#room.store.get(digest)) !== undefined
  }

  async #writeConfig(id: Digest): Promise<boolean> {
    const { content, database } = this.#room.store
    const text = await selectConfigText(database, id)
    if (text === undefined || digestOf(text) !== id) return false
    this.#lease.hold({ kind: 'content', name: id })
    await storeBlob(content, { mediaType: mediaTypes.dockerConfig, digest: id, size: Buffer.byteLength(text) }, [
      Buffer.from(text),
    ])
    return true
  }

  async images(): Promise<{ readonly Images: number; readonly References: number; readonly Layers: number }> {
    const images = await this.#room.store.list()
    for (const image of images) {
      this.#lease.hold({ kind: 'content', name: image.id })
      await this.#config(image)
      await this.#layers(image)
      for (const manifest of image.manifests) await this.#manifest(image, manifest)
      for (const diffId of image.config.rootfs.diff_ids) await this.#layerBlobs(diffId)
      for (const reference of [...image.references, ...image.repoDigests]) {
        const named = this.#room.store.byReference(reference)
        if (named?.id === image.id || (await this.#room.store.get(image.id)) === undefined) continue
        await this.#found('reference', familiarName(reference), `it names ${named?.id ?? 'nothing'}`, async () => false)
      }
    }
    const References = images.reduce(
      (sum, { references, repoDigests }) => sum + references.length + repoDigests.length,
      0,
    )
    return { Images: images.length, References, Layers: this.#layersChecked.size }
  }

  async #config(image: Image): Promise<void> {
    if ((await this.#room.store.content.stat(image.id)) !== undefined) return
    await this.#found(
      'image',
      image.id,
      'its config is missing',
      () => this.#writeConfig(image.id),
      (each) => each.id === image.id,
    )
  }

  async #layers(image: Image): Promise<void> {
    const chain = chainIds(image.config.rootfs.diff_ids)
    for (const [place, chainId] of chain.entries()) {
      if (this.#layersChecked.has(chainId)) continue
      this.#layersChecked.add(chainId)
      const layer = { chainId, diffId: image.config.rootfs.diff_ids[place] as DiffId, parent: chain[place - 1] }
      await this.#layer(image, layer)
    }
  }

  async #layer(image: Image, layer: PlacedLayer): Promise<void> {
    const { store, collector } = this.#room
    const { chainId, diffId, parent } = layer
    // Someone else's lease: a build that runs on it, perhaps.
    const isHeld = store.leases.isHeld({ kind: 'snapshot', name: chainId })
    this.#lease.hold({ kind: 'snapshot', name: chainId })
    await collector.idle()
    const blob = await this.#wholeBlob(diffId)
    if ((await store.snapshots.stat(chainId)) === undefined) {
      // Removed meanwhile, with its image.
      if ((await store.get(image.id)) === undefined) return
      return this.#found(
        'layer',
        chainId,
        `a layer of image ${image.id} is missing`,
        async () => {
          if (blob === undefined) return false
          await store.snapshots.apply({ path: store.content.pathOf(blob.digest) }, chainId, parent, {
            expected: diffId,
          })
          return true
        },
        standsOn(chainId),
      )
    }
    const { signal } = this.#request
    await checkLayer(layer, { store, lease: this.#lease, signal, blob }, async (problem, mend) => {
      const isBusy = isHeld || (await this.#isMounted(chainId))
      if (!isBusy) return this.#found('layer', chainId, problem, mend, standsOn(chainId))
      this.#findings.push({ Kind: 'layer', Name: chainId, Problem: `${problem}; it is in use`, Outcome: 'found' })
    })
  }

  async #wholeBlob(diffId: DiffId): Promise<Descriptor | undefined> {
    const { store } = this.#room
    for (const blob of store.layerBlobs(diffId)) {
      if (!this.#broken.has(blob.digest) && (await store.content.stat(blob.digest)) !== undefined) return blob
    }
    return undefined
  }

  async #isMounted(chainId: ChainId): Promise<boolean> {
    const { snapshots } = this.#room.store
    for (const key of this.#request.mounted ?? []) {
      for (let at = await snapshots.stat(key); at?.parent !== undefined; at = await snapshots.stat(at.parent)) {
        if (at.parent === chainId) return true
      }
    }
    return false
  }

  async #manifest(image: Image, { digest }: Descriptor): Promise<void> {
    if ((await this.#room.store.content.stat(digest)) !== undefined) return
    await this.#found('image', image.id, `its manifest ${digest} is missing`, async () => {
      await this.#room.store.forgetManifest(image.id, digest)
      return true
    })
  }

  async #layerBlobs(diffId: DiffId): Promise<void> {
    for (const { digest } of this.#room.store.layerBlobs(diffId)) {
      if (this.#broken.has(digest) || (await this.#room.store.content.stat(digest)) !== undefined) continue
      this.#broken.add(digest)
      await this.#found('blob', digest, `the blob of layer ${diffId} is missing`, async () => {
        await this.#room.store.forgetCollected([], [digest])
        return true
      })
    }
  }

  /** What containers have written, and the layers of none of the images: a build's, and those below containers' own. */
  async containers(): Promise<void> {
    const { snapshots } = this.#room.store
    const missing = new Map((await snapshots.missing()).map((each) => [each.name, each]))
    for (const id of this.#request.needed) {
      if (!missing.has(id) && (await snapshots.stat(id)) !== undefined) continue
      await this.#found('container', id, 'what it has written is missing', async () => false)
      missing.delete(id)
    }
    // What stands on others comes after them: it goes first.
    for (const { name, parent } of [...missing.values()].toReversed()) {
      if (this.#layersChecked.has(name)) continue
      await this.#found('layer', name, 'its files are missing', () => this.#remakeOrRemove(name as ChainId, parent))
    }
  }

  /** A step of a build that isn't there is done again. */
  async #remakeOrRemove(name: ChainId, parent: ChainId | undefined): Promise<boolean> {
    if (await this.#isMounted(name)) return false
    if (await this.#request.remake?.(name, parent)) return true
    return this.#room.store.snapshots.remove(name).then(
      () => true,
      (error: unknown) => {
        if (hasCode(error, 'conflict')) return false
        throw error
      },
    )
  }

  async leftOvers(): Promise<void> {
    const { collector } = this.#room
    const garbage: readonly Held[] = await collector.garbage()
    for (const { kind, name } of garbage) {
      const problem = kind === 'content' ? 'nothing refers to this blob' : 'nothing refers to this layer'
      await this.#found('left-over', name, problem, async () => true)
    }
    if (this.#request.repair && garbage.length > 0) await collector.collect()
  }

  /** What lies in the data root and belongs to nothing. */
  async strays(): Promise<void> {
    const { content, snapshots } = this.#room.store
    for (const path of await content.strays()) {
      await this.#found('left-over', path, 'this is no blob', async () => {
        await rm(path, { recursive: true, force: true })
        return true
      })
    }
    const strays = await snapshots.strays()
    for (const path of strays) await this.#found('left-over', path, 'this is no layer', async () => true)
    if (this.#request.repair && strays.length > 0) await snapshots.cleanup()
  }
}

const standsOn =
  (chainId: ChainId) =>
  ({ config }: Image): boolean =>
    chainIds(config.rootfs.diff_ids).includes(chainId)

/** What brings back an image of which a part is lost. By digest: a tag may have moved. */
const remedyFor = ({ id, references, repoDigests }: Image): string => {
  const [digest] = repoDigests
  if (digest !== undefined) return `pull ${familiarName(digest)} again, and then repair`
  const [name] = references
  return `image ${name === undefined ? id : familiarName(name)} has to be made or loaded again`
}

/** Looks at everything that images are made of, beside whatever else goes on. */
export const checkImages = async (room: ImageRoom, request: CheckRequest): Promise<SystemCheck> => {
  await using lease = room.store.leases.take('check')
  const check = new Check(room, request, lease)
  const blobs = await check.blobs()
  const images = await check.images()
  await check.containers()
  await check.leftOvers()
  await check.strays()
  return { ...blobs, ...images, Findings: check.findings }
}
