import { once } from 'node:events'
import type { Writable } from 'node:stream'
import {
  algorithmOf,
  type Bytes,
  type Descriptor,
  type Digest,
  familiarRepository,
  formatReference,
  hexOf,
  type ImageTarget,
  type Index,
  invalid,
  type Manifest,
  mediaTypes,
  type Reference,
} from '@slipway/core'
import { encodeHeader, paddingOf, tarEnd, tarHeader } from '@slipway/store'
import { imageName, type ManifestEntry, refName } from './format.ts'

const pathOf = (digest: Digest): string => `blobs/${algorithmOf(digest)}/${hexOf(digest)}`

interface SavedImage {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  /** The one that stands for it and others, which has its names. */
  readonly index: Descriptor | undefined
  readonly references: Reference[]
}

export interface ArchiveOptions {
  /** Without what only docker reads. */
  readonly isLayoutOnly?: boolean
}

/**
 * A tar that is an OCI layout and what `docker load` has always read, in one: each blob once, as it comes, and at the end
 * what names them. One push at a time.
 */
export class ArchiveWriter implements ImageTarget {
  readonly #out: Writable
  readonly #signal: AbortSignal
  readonly #isLayoutOnly: boolean
  readonly #written = new Set<Digest>()
  readonly #images = new Map<Digest, SavedImage>()

  constructor(out: Writable, signal: AbortSignal, { isLayoutOnly = false }: ArchiveOptions = {}) {
    this.#out = out
    this.#signal = signal
    this.#isLayoutOnly = isLayoutOnly
  }

  async has({ digest }: Descriptor): Promise<boolean> {
    return this.#written.has(digest)
  }

  async push(target: Descriptor, bytes: Bytes): Promise<void> {
    if (this.#written.has(target.digest)) return
    await this.#file(pathOf(target.digest), target.size, bytes)
    this.#written.add(target.digest)
  }

  /** An image that is in the archive from now on, perhaps without a name; one of those of `index`, if that is given. */
  add(descriptor: Descriptor, manifest: Manifest, index?: Descriptor): void {
    if (!this.#images.has(descriptor.digest)) {
      this.#images.set(descriptor.digest, { descriptor, manifest, index, references: [] })
    }
  }

  async tag(reference: Reference, { digest }: Descriptor): Promise<void> {
    if (reference.repository !== '') this.#images.get(digest)?.references.push(reference)
  }

  /** Writes what names the blobs, and ends the archive. */
  async finish(): Promise<void> {
    const images = [...this.#images.values()]
    await this.#json('index.json', indexOf(images))
    if (!this.#isLayoutOnly) await this.#json('manifest.json', images.map(manifestEntry))
    await this.#json('oci-layout', { imageLayoutVersion: '1.0.0' })
    if (!this.#isLayoutOnly) await this.#repositories(images)
    await this.#write(tarEnd)
  }

  async #repositories(images: readonly SavedImage[]): Promise<void> {
    const repositories = repositoriesOf(images)
    if (Object.keys(repositories).length > 0) await this.#json('repositories', repositories)
  }

  async #json(name: string, value: unknown): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(value))
    await this.#file(name, bytes.length, [bytes])
  }

  async #file(name: string, size: number, bytes: Bytes): Promise<void> {
    await this.#write(encodeHeader(tarHeader({ name, size })))
    let written = 0
    for await (const chunk of bytes) {
      written += chunk.length
      if (written > size) break
      await this.#write(chunk)
    }
    if (written !== size) throw invalid(`${name} is not ${size} bytes long`)
    if (paddingOf(size) > 0) await this.#write(tarEnd.subarray(0, paddingOf(size)))
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#signal.throwIfAborted()
    if (!this.#out.write(bytes)) await once(this.#out, 'drain', { signal: this.#signal })
  }
}

/** What the images are found by: each one's manifest, or the index of several of them, once. */
const topsOf = (images: readonly SavedImage[]): readonly Pick<SavedImage, 'descriptor' | 'references'>[] => {
  const tops = Map.groupBy(images, ({ descriptor, index = descriptor }) => index.digest)
  return [...tops.values()].flatMap((members) => {
    const [{ descriptor, index = descriptor }] = members as [SavedImage]
    return [{ descriptor: index, references: members.flatMap(({ references }) => references) }]
  })
}

const indexOf = (images: readonly SavedImage[]): Index => ({
  schemaVersion: 2,
  mediaType: mediaTypes.ociIndex,
  manifests: topsOf(images).flatMap(({ descriptor, references }) =>
    references.length === 0
      ? [descriptor]
      : references.map((reference) => ({
          ...descriptor,
          annotations: {
            ...descriptor.annotations,
            [imageName]: formatReference(reference),
            [refName]: reference.tag ?? '',
          },
        })),
  ),
})

const manifestEntry = ({ manifest: { config, layers }, references }: SavedImage): ManifestEntry => ({
  Config: pathOf(config.digest),
  RepoTags: references.length === 0 ? null : references.map((each) => `${familiarRepository(each)}:${each.tag}`),
  Layers: layers.map(({ digest }) => pathOf(digest)),
})

/** For clients older than `manifest.json`: which layer each tag ends with. */
const repositoriesOf = (images: readonly SavedImage[]): Readonly<Record<string, Readonly<Record<string, string>>>> => {
  const tags = images.flatMap(({ manifest, references }) =>
    references.map((reference) => ({
      repository: familiarRepository(reference),
      tag: reference.tag ?? '',
      top: manifest.layers.at(-1)?.digest,
    })),
  )
  const grouped = Map.groupBy(tags, ({ repository }) => repository)
  return Object.fromEntries(
    [...grouped].map(([repository, members]) => [
      repository,
      Object.fromEntries(members.map(({ tag, top }) => [tag, top === undefined ? '' : hexOf(top)])),
    ]),
  )
}
