import { randomBytes } from 'node:crypto'
import { mkdir, open, opendir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import {
  algorithmOf,
  type ByteRange,
  type ContentInfo,
  type ContentStore,
  type Digest,
  digestOf,
  type HasFiles,
  hasErrno,
  hexOf,
  type Ingest,
  isDigest,
} from '@slipway/core'
import { Turns } from '../turns.ts'
import { FsIngest } from './fs-ingest.ts'
import { noSuchBlob, resolveRange } from './range.ts'

const algorithms = ['sha256', 'sha512'] as const
/** Several readers may hold several pieces each. */
const readSize = 1 << 18

/** Makes the names in a directory last: after a rename the directory must reach the disk too. */
const syncDirectory = async (path: string): Promise<void> => {
  await using directory = await open(path)
  await directory.sync()
}

/** A write begins with its `data`: a folder without it was being made, or removed, when the process died. */
const removeUnbegun = async (ingests: string): Promise<void> => {
  for (const name of await readdir(ingests)) {
    const hasBegun = !name.endsWith('.gone') && (await readdir(join(ingests, name))).includes('data')
    if (!hasBegun) await rm(join(ingests, name), { recursive: true, force: true })
  }
}

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
  readonly #turns = new Turns()

  private constructor(root: string) {
    this.#root = root
  }

  /** Makes the directory if it isn't there, and removes what the last process left in `scratch/` and nobody can take up. */
  static async open(root: string): Promise<FsContentStore> {
    await rm(join(root, 'scratch'), { recursive: true, force: true })
    for (const folder of [...algorithms.map((name) => join('blobs', name)), 'ingests', 'scratch']) {
      await mkdir(join(root, folder), { recursive: true, mode: 0o700 })
    }
    await removeUnbegun(join(root, 'ingests'))
    return new FsContentStore(root)
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
    const file = await open(this.pathOf(digest)).catch((error: unknown) => {
      throw hasErrno(error, 'ENOENT') ? noSuchBlob(digest) : error
    })
    try {
      const { start, end } = resolveRange((await file.stat()).size, range)
      if (start < end) return file.createReadStream({ start, end: end - 1, highWaterMark: readSize })
      await file.close()
      return Readable.from([], { objectMode: false })
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async ingest(ref: string): Promise<Ingest> {
    const release = await this.#turns.take(ref)
    try {
      const folder = join(this.#root, 'ingests', hexOf(digestOf(ref)))
      const install = (path: string, digest: Digest) => this.#install(path, digest)
      return await FsIngest.open({ ref, folder, install, release })
    } catch (error) {
      release()
      throw error
    }
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

  async *ingests(): AsyncGenerator<{ ref: string; offset: number; updatedAt: Date }, void, void> {
    const folder = join(this.#root, 'ingests')
    for (const name of await readdir(folder)) {
      try {
        const ref = await readFile(join(folder, name, 'ref'), 'utf8')
        const { size, mtime } = await stat(join(folder, name, 'data'))
        yield { ref, offset: size, updatedAt: mtime }
      } catch (error) {
        // Committed or discarded meanwhile.
        if (!hasErrno(error, 'ENOENT')) throw error
      }
    }
  }

  scratchPath(): string {
    return join(this.#root, 'scratch', randomBytes(16).toString('hex'))
  }

  async adopt(
    path: string,
    { digest, size }: { readonly digest: Digest; readonly size: number },
  ): Promise<ContentInfo> {
    {
      await using file = await open(path)
      await file.sync()
    }
    await this.#install(path, digest)
    return (await this.stat(digest)) ?? { digest, size, createdAt: new Date() }
  }

  /** Makes a finished and fsynced file visible. */
  async #install(path: string, digest: Digest): Promise<void> {
    const target = this.pathOf(digest)
    {
      await using file = await open(path)
      await file.chmod(0o444)
    }
    await rename(path, target)
    await syncDirectory(dirname(target))
  }
}
