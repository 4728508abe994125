import { mkdir, opendir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { type ByteRange, hasErrno, type Ingest, invalid, notFound } from '@slipway/core'
import { FsIngests, installFile, readFileRange, syncDirectory } from '@slipway/store'
import { type BlobStorage, type HasObjectFiles, objectKey, type StoredObject } from './storage.ts'

const keyPattern = /^(?:objects\/[0-9a-f]{2}\/[0-9a-f][0-9a-f-]{0,63}|blobs\/sha(?:256|512)\/[0-9a-f]{64,128})$/

/** Where blobs lay, by digest, when there were no keys yet. */
const earlier = ['blobs/sha256', 'blobs/sha512']

/** The names in a folder; none where there is no folder. */
const namesIn = async function* (folder: string): AsyncGenerator<string, void, void> {
  try {
    for await (const { name } of await opendir(folder, { bufferSize: 256 })) yield name
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error
  }
}

/**
 * Objects in files:
 * ```
 * objects/<ab>/<upload's id>  mode 0444
 * blobs/<algorithm>/<hex>     those of registries from before there were keys
 * ingests/<name>/{ref,data}   writes under way
 * ```
 */
export class FileStorage implements BlobStorage, HasObjectFiles {
  readonly #root: string
  readonly #ingests: FsIngests

  constructor(root: string) {
    this.#root = root
    this.#ingests = new FsIngests(join(root, 'ingests'))
  }

  /** Makes the directories, and clears up after a process that died. Only where no other process writes. */
  async prepare(): Promise<void> {
    await this.#ingests.prepare()
    await mkdir(join(this.#root, 'objects'), { recursive: true, mode: 0o700 })
    await syncDirectory(this.#root)
  }

  pathOf(key: string): string {
    if (!keyPattern.test(key)) throw invalid(`invalid storage key ${JSON.stringify(key.slice(0, 200))}`)
    return join(this.#root, key)
  }

  ingest(id: string): Promise<Ingest> {
    const target = this.pathOf(objectKey(id))
    return this.#ingests.open(id, (path) => this.#install(path, target))
  }

  ingests(): AsyncIterable<{ readonly ref: string; readonly offset: number; readonly updatedAt: Date }> {
    return this.#ingests.list()
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    try {
      const { size, birthtime } = await stat(this.pathOf(key))
      return { key, size, storedAt: birthtime }
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return undefined
      throw error
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    try {
      return await readFileRange(this.pathOf(key), range)
    } catch (error) {
      throw hasErrno(error, 'ENOENT') ? notFound('object', key) : error
    }
  }

  async delete(key: string): Promise<void> {
    await rm(this.pathOf(key), { force: true })
  }

  async *list(): AsyncGenerator<StoredObject, void, void> {
    const shards = await Array.fromAsync(namesIn(join(this.#root, 'objects')), (name) => `objects/${name}`)
    for (const folder of [...shards, ...earlier]) {
      for await (const name of namesIn(join(this.#root, folder))) {
        const key = `${folder}/${name}`
        const object = keyPattern.test(key) ? await this.stat(key) : undefined
        if (object !== undefined) yield object
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** The first object of a shard makes its folder, which must last as long. */
  async #install(path: string, target: string): Promise<void> {
    try {
      await installFile(path, target)
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw error
      await mkdir(dirname(target), { recursive: true, mode: 0o700 })
      await syncDirectory(dirname(dirname(target)))
      await installFile(path, target)
    }
  }
}
