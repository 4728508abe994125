import { type FileHandle, mkdir, open, rm, rmdir, stat, unlink, writeFile } from 'node:fs/promises'
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
import { givePiece, pieceSize, takePiece } from '../workers/byte-channel.ts'
import { type OpenJob, openJob, runJob } from '../workers/run.ts'
import type { Hashed } from './append.ts'
import { readOnly } from './fs-file.ts'
import { verifyContent } from './range.ts'

interface FsIngestOptions {
  readonly ref: string
  readonly folder: string
  /** See `FsIngests`. */
  readonly isDirect: boolean
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
  readonly #isDirect: boolean
  readonly #install: FsIngestOptions['install']
  readonly #release: () => void
  #offset: number
  #job: OpenJob<Hashed> | undefined
  #finished = false

  private constructor({ ref, folder, isDirect, install, release }: FsIngestOptions, offset: number) {
    this.ref = ref
    this.#folder = folder
    this.#path = join(folder, 'data')
    this.#isDirect = isDirect
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
    // Filled with copies: a source may use its memory again, or give it back.
    const piece = this.#job === undefined ? takePiece() : new Uint8Array()
    let filled = 0
    try {
      for await (const chunk of bytes) {
        if (this.#job === undefined && filled + chunk.length < pieceSize) {
          piece.set(chunk, filled)
          filled += chunk.length
          continue
        }
        if (this.#job === undefined) {
          this.#job = openJob('appendBlob', { path: this.#path, length: this.#offset, isDirect: this.#isDirect })
          this.#job.sender.adopt(piece, filled)
          this.#offset += filled
        }
        await this.#send(chunk)
      }
    } finally {
      // Also when the source fails: what came before is kept, so that the upload can go on there.
      if (this.#job !== undefined) await this.#job.sender.flush()
      else {
        await this.#append(piece.subarray(0, filled))
        givePiece(piece)
      }
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
    await file.chmod(readOnly)
    await file.sync()
    if (this.#offset > pieceSize) return runJob('hashBlob', { path: this.#path, algorithm })
    const bytes = await file.readFile()
    return { digest: digestOf(bytes, algorithm), size: bytes.length }
  }

  /** The bytes first, where they are still here: what a crash in the middle leaves can't be taken up. */
  async #forget(): Promise<void> {
    if (this.#finished) return
    this.#finished = true
    this.#offset = 0
    await rm(this.#path, { force: true })
    await unlink(join(this.#folder, 'ref'))
    await rmdir(this.#folder)
  }
}
