import { Readable } from 'node:stream'
import {
  type ByteRange,
  type Bytes,
  type CanMount,
  type CanStream,
  type Descriptor,
  type Digest,
  digestOf,
  familiarName,
  familiarRepository,
  hasCode,
  type ImageSource,
  type ImageTarget,
  invalid,
  isIndex,
  isManifest,
  type Reference,
  SlipwayError,
} from '@slipway/core'
import { downloadBlob } from './download.ts'
import { getManifest, headManifest, largestManifest, listTags, putManifest, resolveManifest } from './manifest.ts'
import { Session, type SessionOptions } from './session.ts'
import { hasBlob, mountBlob, streamBlob, uploadBlob } from './upload.ts'

export interface ConnectOptions extends SessionOptions {
  /** On the registry: `library/alpine`. */
  readonly repository: string
  /** Hash blobs while they come in; default true. False only where the target verifies what it gets, as stores do. */
  readonly verifyBlobs?: boolean
}

/** They are asked for several times in a row: to choose the platform, to copy, to keep. */
const mostManifests = 16

const isManifestLike = ({ mediaType }: Descriptor): boolean => isManifest(mediaType) || isIndex(mediaType)

/** Docker's words for a pull that can't be: what is not there and what may not be seen are not told apart. */
const pullFault = (error: unknown, reference: Reference): unknown => {
  if (!(error instanceof SlipwayError)) return error
  const wrap = (text: string): SlipwayError =>
    new SlipwayError('not-found', `${text}: ${error.message}`, { cause: error, detail: { ...error.detail } })
  const repository = familiarRepository(reference)
  if (error.code === 'forbidden') {
    return wrap(`pull access denied for ${repository}, repository does not exist or may require 'docker login'`)
  }
  if (error.detail['registryCode'] === 'NAME_UNKNOWN') return wrap(`repository ${repository} not found`)
  if (error.code === 'not-found') return wrap(`manifest for ${familiarName(reference)} not found`)
  return error
}

/**
 * One repository of a registry. Nothing is sent before the first call. Dispose it to close its connections.
 *
 * The `registry` and `repository` of references given to it are for messages only: where it looks was said when it was
 * made, so that a mirror can stand in for what the user named.
 */
export class RemoteRegistry implements ImageSource, ImageTarget, CanMount, CanStream, AsyncDisposable {
  readonly registry: string
  readonly repository: string
  readonly #session: Session
  readonly #verifyBlobs: boolean
  /** Manifests that passed by: their bytes are needed again to fetch after `resolve()`, and to tag after `push()`. */
  readonly #manifests = new Map<Digest, Buffer>()
  /** A mount that was not granted has opened an upload. */
  readonly #uploads = new Map<Digest, URL>()

  constructor(options: ConnectOptions) {
    this.registry = options.registry
    this.repository = options.repository
    this.#session = new Session(options)
    this.#verifyBlobs = options.verifyBlobs ?? true
  }

  /** Throws unavailable, in docker's words, when the registry doesn't answer. */
  async reach(): Promise<void> {
    await this.#session.origin()
  }

  async resolve(reference: Reference): Promise<Descriptor> {
    try {
      const { descriptor, bytes } = await resolveManifest(this.#session, this.repository, reference)
      if (bytes !== undefined) this.#remember(descriptor.digest, bytes)
      return descriptor
    } catch (error) {
      throw pullFault(error, reference)
    }
  }

  async fetch(target: Descriptor, range?: ByteRange): Promise<Readable> {
    if (isManifestLike(target)) {
      const bytes = await this.#manifestBytes(target)
      const part = range === undefined ? bytes : bytes.subarray(range.start, (range.end ?? bytes.length - 1) + 1)
      return Readable.from([part], { objectMode: false })
    }
    return downloadBlob({
      session: this.#session,
      repository: this.repository,
      descriptor: target,
      range,
      verify: this.#verifyBlobs,
    })
  }

  async #manifestBytes(target: Descriptor): Promise<Buffer> {
    const known = this.#manifests.get(target.digest)
    if (known !== undefined) return known
    const { bytes } = await getManifest(this.#session, this.repository, target.digest)
    if (bytes.length !== target.size) {
      throw invalid(`manifest ${target.digest} is ${bytes.length} bytes long, not ${target.size}`)
    }
    this.#remember(target.digest, bytes)
    return bytes
  }

  #remember(digest: Digest, bytes: Buffer): void {
    const [oldest] = this.#manifests.keys()
    if (this.#manifests.size >= mostManifests && oldest !== undefined) this.#manifests.delete(oldest)
    this.#manifests.set(digest, bytes)
  }

  async has(target: Descriptor): Promise<boolean> {
    if (isManifestLike(target)) {
      return (await headManifest(this.#session, this.repository, target.digest)) !== undefined
    }
    return hasBlob(this.#about(target))
  }

  #about(descriptor: Descriptor): { session: Session; repository: string; descriptor: Descriptor } {
    return { session: this.#session, repository: this.repository, descriptor }
  }

  async mount(target: Descriptor, from: Reference): Promise<boolean> {
    const { mounted, location } = await mountBlob(this.#about(target), from.repository)
    if (location !== undefined) this.#uploads.set(target.digest, location)
    return mounted
  }

  async push(target: Descriptor, bytes: Bytes): Promise<void> {
    if (isManifestLike(target)) return this.#pushManifest(target, bytes)
    const location = this.#uploads.get(target.digest)
    this.#uploads.delete(target.digest)
    await uploadBlob(this.#about(target), bytes, location)
  }

  async stream(bytes: Bytes, made: Promise<Descriptor>): Promise<void> {
    await streamBlob({ session: this.#session, repository: this.repository }, bytes, made)
  }

  async #pushManifest(target: Descriptor, bytes: Bytes): Promise<void> {
    const chunks: Uint8Array[] = []
    for await (const chunk of bytes) chunks.push(chunk)
    const whole = Buffer.concat(chunks)
    if (whole.length > largestManifest) throw new SlipwayError('too-large', 'the manifest is too large')
    if (digestOf(whole) !== target.digest) throw invalid(`manifest verification failed for digest ${target.digest}`)
    await putManifest(this.#session, this.repository, target.digest, { descriptor: target, bytes: whole })
    this.#remember(target.digest, whole)
  }

  async tag(reference: Reference, target: Descriptor): Promise<void> {
    if (reference.tag === undefined) return
    const bytes = await this.#manifestBytes(target)
    await putManifest(this.#session, this.repository, reference.tag, { descriptor: target, bytes })
  }

  /** The tags of the repository, as the registry sorts them. */
  async tags(): Promise<readonly string[]> {
    try {
      return await listTags(this.#session, this.repository)
    } catch (error) {
      throw hasCode(error, 'not-found') || hasCode(error, 'forbidden')
        ? pullFault(error, { registry: this.registry, repository: this.repository })
        : error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]()
  }
}

/** `await using remote = connectRegistry({ registry: 'docker.io', repository: 'library/alpine' })` */
export const connectRegistry = (options: ConnectOptions): RemoteRegistry => new RemoteRegistry(options)
