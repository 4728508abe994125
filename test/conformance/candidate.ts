import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mediaTypes } from '@slipway/core'
import { type Answer, Connection, type Login } from './connection.ts'
import type { Content, Image } from './content.ts'

export interface Call {
  readonly headers?: Readonly<Record<string, string>>
  /** An array is sent in pieces, without a length. */
  readonly body?: Buffer | string | readonly Buffer[]
}

/** A descriptor, as a registry lists it. */
export interface Listed {
  readonly mediaType?: string
  readonly digest?: string
  readonly size?: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** What clients say that know everything. */
export const acceptAll = {
  Accept: [mediaTypes.ociManifest, mediaTypes.ociIndex, mediaTypes.dockerManifest, mediaTypes.dockerManifestList].join(
    ', ',
  ),
}
const octets = { 'Content-Type': 'application/octet-stream' }

/** A registry that is being looked at, from outside only. */
export class Candidate {
  readonly #connection: Connection
  readonly #prefix: string
  #count = 0

  /** `prefix`: where repositories may be made; default, a new one for each run. */
  constructor(url: string, login?: Login, prefix = `conformance/${randomBytes(4).toString('hex')}`) {
    this.#connection = new Connection(url, login)
    this.#prefix = prefix
  }

  /** A repository that isn't there yet. */
  newRepository(): string {
    this.#count += 1
    return `${this.#prefix}/${this.#count}`
  }

  call(method: string, path: string, call: Call = {}): Promise<Answer> {
    return this.#connection.call(method, path, call)
  }

  close(): void {
    this.#connection.close()
  }

  /** Opens an upload, and gives back where it goes on. */
  async begin(repository: string, query = ''): Promise<string> {
    const answer = await this.call('POST', `/v2/${repository}/blobs/uploads/${query}`, {
      headers: { 'Content-Length': '0' },
    })
    answer.expect(202)
    return answer.header('location')
  }

  /** Ends an upload; `body` is the rest of the bytes. */
  finish(location: string, digest: string, call: Call = {}): Promise<Answer> {
    const headers = call.body === undefined ? { 'Content-Length': '0' } : octets
    return this.call('PUT', `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`, {
      ...call,
      headers: { ...headers, ...call.headers },
    })
  }

  /** Sends the next bytes of an upload, said to begin at `start`. */
  chunk(location: string, start: number, bytes: Buffer): Promise<Answer> {
    const range = `${start}-${start + bytes.length - 1}`
    return this.call('PATCH', location, { headers: { ...octets, 'Content-Range': range }, body: bytes })
  }

  async pushBlob(repository: string, { bytes, descriptor }: Content): Promise<void> {
    ;(await this.finish(await this.begin(repository), descriptor.digest, { body: bytes })).expect(201)
  }

  putManifest(repository: string, reference: string, { bytes, descriptor }: Content, query = ''): Promise<Answer> {
    return this.call('PUT', `/v2/${repository}/manifests/${reference}${query}`, {
      headers: { 'Content-Type': descriptor.mediaType },
      body: bytes,
    })
  }

  /** Blobs first, then the manifest. */
  async pushImage(repository: string, reference: string, image: Image): Promise<Answer> {
    for (const blob of image.blobs) await this.pushBlob(repository, blob)
    return (await this.putManifest(repository, reference, image)).expect(201)
  }

  getManifest(repository: string, reference: string): Promise<Answer> {
    return this.call('GET', `/v2/${repository}/manifests/${reference}`, { headers: acceptAll })
  }

  getBlob(repository: string, digest: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.call('GET', `/v2/${repository}/blobs/${digest}`, { headers })
  }

  async tags(repository: string, query = ''): Promise<readonly string[]> {
    const { name, tags } = (await this.call('GET', `/v2/${repository}/tags/list${query}`)).expect(200).json()
    assert.equal(name, repository)
    return (tags ?? []) as readonly string[]
  }

  async referrers(repository: string, digest: string, query = ''): Promise<readonly Listed[]> {
    const { manifests } = (await this.call('GET', `/v2/${repository}/referrers/${digest}${query}`)).expect(200).json()
    assert.ok(Array.isArray(manifests), 'the answer is an index')
    return manifests as readonly Listed[]
  }
}
