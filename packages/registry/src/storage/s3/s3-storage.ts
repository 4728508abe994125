import { Readable } from 'node:stream'
import { type ByteRange, hasCode, type Ingest, invalid, notFound } from '@slipway/core'
import { Turns } from '@slipway/store'
import { isObjectIntact } from '../digest.ts'
import { type BlobStorage, type HasObjectRedirects, objectKey, type StoredObject } from '../storage.ts'
import { S3Client } from './client.ts'
import { leastPart, S3Ingest } from './ingest.ts'
import { listMultipart } from './multipart.ts'
import type { S3Options } from './options.ts'
import { readObject } from './read.ts'
import { stateKey, statState } from './state.ts'
import { elementsOf, textOf } from './xml.ts'

const keyPattern = /^objects\/[0-9a-f]{2}\/[0-9a-f][0-9a-f-]{0,63}$/

const expectKey = (key: string): string => {
  if (!keyPattern.test(key)) throw invalid(`invalid storage key ${JSON.stringify(key.slice(0, 200))}`)
  return key
}

/**
 * Objects in a bucket, for as many processes as like:
 * ```
 * objects/<ab>/<upload's id>
 * ingests/<upload's id>      how far a write has come, and what is too short for a part
 * ```
 */
export class S3Storage implements BlobStorage, HasObjectRedirects, AsyncDisposable {
  /** The least that clients should send in one chunk. Less is taken too, and lies in `ingests/` meanwhile. */
  readonly leastChunk = leastPart
  readonly #client: S3Client
  readonly #redirect: boolean
  readonly #turns = new Turns()

  constructor(options: S3Options) {
    this.#client = new S3Client(options)
    this.#redirect = options.redirect
  }

  /** Throws not-found when there is no such bucket, unavailable when it doesn't answer. */
  async prepare(): Promise<void> {
    try {
      await this.#client.sendForText({ method: 'HEAD', key: '' })
    } catch (error) {
      throw hasCode(error, 'not-found') ? notFound('bucket', this.#client.bucket) : error
    }
  }

  async ingest(id: string): Promise<Ingest> {
    const key = expectKey(objectKey(id))
    const release = await this.#turns.take(id)
    try {
      return await S3Ingest.open({
        client: this.#client,
        id,
        key,
        isIntact: (digest) => isObjectIntact(this, { key, digest }),
        release,
      })
    } catch (error) {
      release()
      throw error
    }
  }

  async *ingests(): AsyncGenerator<{ ref: string; offset: number; updatedAt: Date }, void, void> {
    const seen = new Set<string>()
    for await (const { key, storedAt } of this.#list(stateKey(''))) {
      const ref = key.slice(stateKey('').length)
      const state = await statState(this.#client, ref)
      if (state === undefined) continue
      seen.add(ref)
      yield { ref, offset: state.offset, updatedAt: storedAt }
    }
    for await (const { key, initiated } of listMultipart(this.#client, 'objects/')) {
      const ref = key.split('/').at(-1) ?? ''
      if (!seen.has(ref)) yield { ref, offset: 0, updatedAt: initiated }
    }
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    try {
      const { headers } = await this.#client.sendForText({ method: 'HEAD', key: expectKey(key) })
      const storedAt = new Date(String(headers['last-modified'] ?? 0))
      return { key, size: Number(headers['content-length']), storedAt }
    } catch (error) {
      if (hasCode(error, 'not-found')) return undefined
      throw error
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    return Readable.from(await readObject(this.#client, expectKey(key), range), { objectMode: false })
  }

  async delete(key: string): Promise<void> {
    await this.#client.sendForText({ method: 'DELETE', key: expectKey(key) })
  }

  async *list(): AsyncGenerator<StoredObject, void, void> {
    for await (const object of this.#list('objects/')) if (keyPattern.test(object.key)) yield object
  }

  async redirectFor(key: string): Promise<URL | undefined> {
    return this.#redirect ? this.#client.presign(expectKey(key)) : undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]()
  }

  async *#list(prefix: string): AsyncGenerator<StoredObject, void, void> {
    let more: Record<string, string> = {}
    while (true) {
      const query = { 'list-type': '2', prefix: this.#client.prefix + prefix, ...more }
      const { text } = await this.#client.sendForText({ method: 'GET', key: '', query })
      for (const entry of elementsOf(text, 'Contents')) {
        const key = (textOf(entry, 'Key') ?? '').slice(this.#client.prefix.length)
        yield { key, size: Number(textOf(entry, 'Size')), storedAt: new Date(textOf(entry, 'LastModified') ?? 0) }
      }
      const token = textOf(text, 'NextContinuationToken')
      if (token === undefined) return
      more = { 'continuation-token': token }
    }
  }
}
