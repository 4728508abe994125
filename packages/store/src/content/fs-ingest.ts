import { type FileHandle, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  algorithmOf,
  type Bytes,
  type ContentInfo,
  type Digest,
  digestOf,
  hasErrno,
  type Ingest,
  SlipwayError,
} from '@slipway/core'
import { pieceSize } from '../workers/byte-channel.ts'
import { type OpenJob, openJob, runJob } from '../workers/run.ts'
import type { Hashed } from './append.ts'
import { verifyContent } from './range.ts'

interface FsIngestOptions {
  readonly ref: string
  readonly folder: string
  /** Makes the finished file visible. */
  readonly install: (path: string, digest: Digest) => Promise<void>
  readonly release: () => void
}

const sizeOf = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return 0
    throw error
  }
}

/**
 * A write into a file. Small content (manifests, configs) is written and hashed right here; once a piece is full, the
 * rest goes to a worker, which hashes and writes it: see `appendBlob`.
 */
export class FsIngest implements Ingest {
  readonly ref: string
  readonly #folder: string
  readonly #path: string
  readonly #install: FsIngestOptions['install']
  readonly #release: () => void
  #offset: number
  #job: OpenJob<Hashed> | undefined
  #finished = false

  private constructor({ ref, folder, install, release }: FsIngestOptions, offset: number) {
    this.ref = ref
    this.#folder = folder
    this.#path = join(folder, 'data')
    this.#install = install
    this.#release = release
    this.#offset = offset
  }

  static async open(options: FsIngestOptions): Promise<FsIngest> {
    const data = join(options.folder, 'data')
    const offset = await sizeOf(data)
    if (offset === 0) {
      await mkdir(options.folder, { recursive: true })
      await writeFile(join(options.folder, 'ref'), options.ref)
      await writeFile(data, '', { flag: 'a' })
    }
    return new FsIngest(options, offset)
  }

  get offset(): number {
    return this.#offset
  }

  async write(bytes: Bytes): Promise<number> {
    if (this.#finished) throw new SlipwayError('conflict', `the write ${this.ref} is finished`)
    const collected: Uint8Array[] = []
    let length = 0
    try {
      for await (const chunk of bytes) {
        if (this.#job !== undefined) {
          await this.#send(chunk)
          continue
        }
        // Copies: a source may use its memory again, or give it back.
        collected.push(Buffer.from(chunk))
        length += chunk.length
        if (length < pieceSize) continue
        this.#job = openJob('appendBlob', { path: this.#path })
        for (const early of collected.splice(0)) await this.#send(early)
      }
    } finally {
      // Also when the source fails: what came before is kept, so that the upload can go on there.
      if (this.#job !== undefined) await this.#job.sender.flush()
      else await this.#append(Buffer.concat(collected))
    }
    return this.#offset
  }

  async commit(expected: { readonly digest: Digest; readonly size?: number }): Promise<ContentInfo> {
    if (this.#finished) throw new SlipwayError('conflict', `the write ${this.ref} is finished`)
    const got = await this.#finishHash(algorithmOf(expected.digest))
    try {
      verifyContent(got, expected)
      await this.#install(this.#path, got.digest)
    } finally {
      await this.#forget()
    }
    return { ...got, createdAt: new Date() }
  }

  async discard(): Promise<void> {
    await this.#job?.abort()
    await this.#forget()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#finished) await this.#job?.abort()
    this.#finished = true
    this.#release()
  }

  async #send(chunk: Uint8Array): Promise<void> {
    const { sender } = this.#job as OpenJob<Hashed>
    sender.append(chunk)
    this.#offset += chunk.length
    if (sender.full) await sender.ready()
  }

  async #append(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return
    await using file = await open(this.#path, 'a')
    await file.writeFile(bytes)
    this.#offset += bytes.length
  }

  /** The digest of the file, which has reached the disk then. */
  async #finishHash(algorithm: 'sha256' | 'sha512'): Promise<Hashed> {
    if (this.#job !== undefined) {
      const hashed = await this.#job.finish()
      return algorithm === 'sha256' ? hashed : runJob('hashBlob', { path: this.#path, algorithm })
    }
    await using file: FileHandle = await open(this.#path, 'r')
    await file.sync()
    if (this.#offset > pieceSize) return runJob('hashBlob', { path: this.#path, algorithm })
    const bytes = await file.readFile()
    return { digest: digestOf(bytes, algorithm), size: bytes.length }
  }

  /** Out of sight by a rename first: a crash in the middle must not leave half an ingest to be taken up. */
  async #forget(): Promise<void> {
    if (this.#finished) return
    this.#finished = true
    this.#offset = 0
    const gone = `${this.#folder}.gone`
    await rename(this.#folder, gone)
    await rm(gone, { recursive: true, force: true })
  }
}
