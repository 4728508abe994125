import { randomBytes } from 'node:crypto'
import { mkdir, open, opendir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import {
  algorithmOf,
  type ByteRange,
  type ContentInfo,
  type ContentStore,
  type Digest,
  type HasFiles,
  hasErrno,
  hexOf,
  type Ingest,
  isDigest,
} from '@slipway/core'
import { installFile, readFileRange, readOnly } from './fs-file.ts'
import { FsIngests } from './fs-ingests.ts'
import { noSuchBlob } from './range.ts'

const algorithms = ['sha256', 'sha512'] as const

/**
 * Bytes in files, in the layout of an OCI image layout's blobs, so that other tools can read them:
 * ```
 * blobs/sha256/<hex>        what is visible, mode 0444
 * ingests/<name>/{ref,data} writes under way
 * scratch/<name>            files being made for adopt(); removed at start-up
 * ```
 */
export class FsContentStore implements ContentStore, HasFiles {
  readonly #root: string
  readonly #ingests: FsIngests
  /** Tells our scratch files from those that somebody else put there. */
  readonly #ours = randomBytes(8).toString('hex')
  #scratched = 0

  private constructor(root: string, ingests: FsIngests) {
    this.#root = root
    this.#ingests = ingests
  }

  /** Makes the directory if it isn't there, and removes what the last process left in `scratch/` and nobody can take up. */
  static async open(root: string): Promise<FsContentStore> {
    await rm(join(root, 'scratch'), { recursive: true, force: true })
    for (const folder of [...algorithms.map((name) => join('blobs', name)), 'scratch']) {
      await mkdir(join(root, folder), { recursive: true, mode: 0o700 })
    }
    const ingests = new FsIngests(join(root, 'ingests'), { isDirect: true })
    await ingests.prepare()
    return new FsContentStore(root, ingests)
  }

  pathOf(digest: Digest): string {
    return join(this.#root, 'blobs', algorithmOf(digest), hexOf(digest))
  }

  async stat(digest: Digest): Promise<ContentInfo | undefined> {
    try {
      const { size, birthtime } = await stat(this.pathOf(digest))
      return { digest, size, createdAt: birthtime }
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return undefined
      throw error
    }
  }

  async read(digest: Digest, range?: ByteRange): Promise<Readable> {
    try {
      return await readFileRange(this.pathOf(digest), range)
    } catch (error) {
      throw hasErrno(error, 'ENOENT') ? noSuchBlob(digest) : error
    }
  }

  ingest(ref: string): Promise<Ingest> {
    return this.#ingests.open(ref, (path, digest) => installFile(path, this.pathOf(digest)))
  }

  async delete(digest: Digest): Promise<void> {
    await rm(this.pathOf(digest), { force: true })
  }

  async *list(): AsyncGenerator<ContentInfo, void, void> {
    for (const algorithm of algorithms) {
      for await (const { name } of await opendir(join(this.#root, 'blobs', algorithm), { bufferSize: 256 })) {
        const digest = `${algorithm}:${name}`
        const info = isDigest(digest) ? await this.stat(digest) : undefined
        if (info !== undefined) yield info
      }
    }
  }

  ingests(): AsyncIterable<{ ref: string; offset: number; updatedAt: Date }> {
    return this.#ingests.list()
  }

  scratchPath(): string {
    this.#scratched += 1
    return join(this.#root, 'scratch', `${this.#ours}-${this.#scratched}`)
  }

  async strays(): Promise<readonly string[]> {
    const places = algorithms.map((algorithm) => ({
      place: join('blobs', algorithm),
      isStray: (name: string): boolean => !isDigest(`${algorithm}:${name}`),
    }))
    const scratch = { place: 'scratch', isStray: (name: string): boolean => !name.startsWith(`${this.#ours}-`) }
    const found = [...places, scratch].map(async ({ place, isStray }) => {
      const directory = join(this.#root, place)
      return (await readdir(directory)).filter(isStray).map((name) => join(directory, name))
    })
    return (await Promise.all(found)).flat()
  }

  async adopt(
    path: string,
    { digest, size }: { readonly digest: Digest; readonly size: number },
  ): Promise<ContentInfo> {
    {
      await using file = await open(path)
      await file.chmod(readOnly)
      await file.sync()
    }
    await installFile(path, this.pathOf(digest))
    return (await this.stat(digest)) ?? { digest, size, createdAt: new Date() }
  }
}
