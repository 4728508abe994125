import { createHash, type Hash } from 'node:crypto'
import {
  algorithmOf,
  type Bytes,
  type ContentInfo,
  type Digest,
  digestOf,
  hasCode,
  type Ingest,
  invalid,
  SlipwayError,
} from '@slipway/core'
import type { HasCheckpoint } from '../storage.ts'
import type { S3Client } from './client.ts'
import { abortMultipart, beginMultipart, completeMultipart, listMultipart, putPart } from './multipart.ts'
import { dropState, loadState, type Part, type SavedState, saveState, sizeOfState, statState } from './state.ts'

export interface S3IngestOptions {
  readonly client: S3Client
  readonly id: string
  /** What it is to become. */
  readonly key: string
  /** Whether the object at `key` is what it should be: asked when the digest isn't known from writing. */
  readonly isIntact: (digest: Digest) => Promise<boolean>
  readonly release: () => void
}

/** The least that S3 takes as a part that isn't the last; twice as much after each thousand, for it takes 10,000 at most. */
export const leastPart = 5 << 20
const partSize = (number: number): number => leastPart << Math.floor(number / 1000)

/**
 * A write into a bucket: a multipart upload, once there is more than a part; what is less is kept here, and saved with
 * `checkpoint()`, so that any process can go on. One part is on its way while the next is collected.
 */
export class S3Ingest implements Ingest, HasCheckpoint {
  readonly ref: string
  readonly #client: S3Client
  readonly #options: S3IngestOptions
  #parts: Part[]
  #uploadId: string | undefined
  /** Chunks as they came, with `#tailSize` bytes in all. */
  #tail: Uint8Array[]
  #tailSize: number
  #offset: number
  /** Over all bytes; undefined after parts that another wrote, which nobody can read before the end. */
  #hash: Hash | undefined
  #known: string | undefined
  #etag: string | undefined
  #underWay: Promise<void> = Promise.resolve()
  #state: 'clean' | 'dirty' | 'broken' | 'finished' = 'clean'

  private constructor(options: S3IngestOptions, saved: SavedState | undefined) {
    this.#options = options
    this.#client = options.client
    this.ref = options.id
    this.#parts = [...(saved?.parts ?? [])]
    this.#uploadId = saved?.uploadId
    this.#tail = saved === undefined ? [] : [saved.tail]
    this.#tailSize = saved?.tail.length ?? 0
    this.#offset = saved === undefined ? 0 : sizeOfState(saved)
    this.#etag = saved?.etag
    this.#known = saved?.sha256
    if (this.#parts.length === 0) this.#hash = createHash('sha256').update(saved?.tail ?? '')
  }

  static async open(options: S3IngestOptions): Promise<S3Ingest> {
    return new S3Ingest(options, await loadState(options.client, options.id))
  }

  get offset(): number {
    return this.#offset
  }

  async write(bytes: Bytes): Promise<number> {
    this.#expectOpen()
    for await (const chunk of bytes) {
      this.#state = 'dirty'
      this.#known = undefined
      this.#hash?.update(chunk)
      this.#tail.push(Buffer.from(chunk))
      this.#tailSize += chunk.length
      this.#offset += chunk.length
      if (this.#tailSize >= partSize(this.#parts.length)) await this.#sendPart()
    }
    await this.#settle()
    return this.#offset
  }

  async checkpoint(): Promise<void> {
    if (this.#state !== 'dirty') return
    await this.#settle()
    const sha256 = this.#hash?.copy().digest('hex')
    const state = { uploadId: this.#uploadId, parts: this.#parts, sha256, tail: Buffer.concat(this.#tail) }
    this.#etag = await saveState(this.#client, this.ref, state, this.#etag)
    this.#state = 'clean'
  }

  async isCurrent(): Promise<boolean> {
    return (await statState(this.#client, this.ref))?.etag === this.#etag
  }

  async commit({ digest, size }: { readonly digest: Digest; readonly size?: number }): Promise<ContentInfo> {
    this.#expectOpen()
    try {
      await this.#settle()
      const got = this.#digestFor(algorithmOf(digest))
      const isWrong = (size !== undefined && size !== this.#offset) || (got !== undefined && got !== digest)
      if (isWrong)
        throw invalid(`digest or size mismatch: expected ${digest}, got ${got ?? ''} (${this.#offset} bytes)`)
      await this.#assemble()
      if (got === undefined && !(await this.#options.isIntact(digest))) {
        await this.#client.sendForText({ method: 'DELETE', key: this.#options.key })
        this.#uploadId = undefined
        throw invalid(`digest mismatch: expected ${digest}`)
      }
    } catch (error) {
      if (hasCode(error, 'invalid')) await this.discard()
      else this.#state = 'broken'
      throw error
    }
    await this.#forget()
    return { digest, size: this.#offset, createdAt: new Date() }
  }

  async discard(): Promise<void> {
    if (this.#state === 'finished') return
    await this.#underWay.catch(() => undefined)
    const { key } = this.#options
    if (this.#uploadId !== undefined) await abortMultipart(this.#client, key, this.#uploadId)
    else if (this.#etag === undefined && this.#offset === 0) {
      // Begun by a process that died before it could save its name.
      for await (const { uploadId } of listMultipart(this.#client, key))
        await abortMultipart(this.#client, key, uploadId)
    }
    await this.#forget()
    this.#offset = 0
  }

  /** Keeps what was written, if it can: nobody was promised anything since the last checkpoint. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'dirty') await this.checkpoint().catch(() => undefined)
    this.#state = 'finished'
    this.#options.release()
  }

  #expectOpen(): void {
    if (this.#state === 'finished') throw new SlipwayError('conflict', `the write ${this.ref} is finished`)
    if (this.#state === 'broken') throw new SlipwayError('unavailable', `the write ${this.ref} failed`)
  }

  /** The digest of all bytes, where it is known without reading them again. */
  #digestFor(algorithm: 'sha256' | 'sha512'): Digest | undefined {
    if (this.#parts.length === 0) return digestOf(Buffer.concat(this.#tail), algorithm)
    if (algorithm !== 'sha256') return undefined
    const hex = this.#hash?.copy().digest('hex') ?? this.#known
    return hex === undefined ? undefined : `sha256:${hex}`
  }

  /** Waits for the part that is on its way. */
  async #settle(): Promise<void> {
    try {
      await this.#underWay
    } catch (error) {
      this.#state = 'broken'
      throw error
    }
  }

  /** Lets one more part go, after the one before has arrived. */
  async #sendPart(): Promise<void> {
    const body = Buffer.concat(this.#tail)
    this.#tail = []
    this.#tailSize = 0
    await this.#settle()
    this.#underWay = this.#putPart(body)
    // Whoever comes next is told.
    this.#underWay.catch(() => undefined)
  }

  async #putPart(body: Buffer<ArrayBuffer>): Promise<void> {
    const { key } = this.#options
    this.#uploadId ??= await beginMultipart(this.#client, key)
    const number = this.#parts.length + 1
    this.#parts.push(await putPart(this.#client, { key, uploadId: this.#uploadId, number }, body))
  }

  async #assemble(): Promise<void> {
    const { key } = this.#options
    if (this.#parts.length === 0) {
      await this.#client.sendForText({ method: 'PUT', key, body: Buffer.concat(this.#tail) })
      return
    }
    if (this.#tailSize > 0) await this.#sendPart()
    await this.#settle()
    try {
      await completeMultipart(this.#client, key, this.#uploadId ?? '', this.#parts)
    } catch (error) {
      // A process that died had come so far already.
      if (!hasCode(error, 'not-found') || (await this.#sizeOfObject()) !== this.#offset) throw error
    }
  }

  async #sizeOfObject(): Promise<number> {
    const { headers } = await this.#client.sendForText({ method: 'HEAD', key: this.#options.key })
    return Number(headers['content-length'])
  }

  async #forget(): Promise<void> {
    if (this.#etag !== undefined) await dropState(this.#client, this.ref)
    this.#state = 'finished'
  }
}
