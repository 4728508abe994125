import {
  type CopyOptions,
  createLimiter,
  type Descriptor,
  type Digest,
  type ImageSource,
  type ImageTarget,
  invalid,
  isIndex,
  isManifest,
  type Platform,
  type Reference,
} from '@slipway/core'
import { copyBlob, type Passage } from './blob.ts'
import { selectPlatform } from './platform.ts'
import { parseIndex, parseManifest, readSmall } from './read.ts'
import { type BlobInTheMaking, sendWhileMade } from './stream.ts'

/** An index may hold indexes (image-spec, image-index.md), but no one does so for good reasons much deeper. */
const deepest = 4
const defaultConcurrency = 3

interface Walk extends Passage {
  /** Starts the copy of a blob, once, however many manifests hold it. */
  readonly blob: (descriptor: Descriptor) => Promise<void>
  /** Copies a blob that nobody knows yet. */
  readonly stream: (blob: BlobInTheMaking) => Promise<void>
}

/** Waits for all, whatever happens to the others, and then throws the first error: nothing is left running. */
const all = async (jobs: readonly Promise<void>[], onError: (error: unknown) => void): Promise<void> => {
  for (const job of jobs) job.catch(onError)
  await Promise.allSettled(jobs)
  await Promise.all(jobs)
}

const startWalk = (passage: Omit<Passage, 'signal'>, stop: AbortController): Walk => {
  const { options } = passage
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal])
  const limit = createLimiter(options.concurrency ?? defaultConcurrency)
  const started = new Map<Digest, Promise<void>>()
  const blob = (descriptor: Descriptor): Promise<void> => {
    const running = started.get(descriptor.digest)
    if (running !== undefined) return running
    options.onProgress?.({ descriptor, state: 'waiting', bytes: 0 })
    const job = limit(() => copyBlob({ ...passage, signal }, descriptor))
    started.set(descriptor.digest, job)
    return job
  }
  const stream = (blob: BlobInTheMaking): Promise<void> => {
    const job = sendWhileMade(passage.to, blob).then(async (isSent) => {
      const descriptor = await blob.made
      if (isSent) return options.onProgress?.({ descriptor, state: 'done', bytes: descriptor.size })
      await blob.kept
      await limit(() => copyBlob({ ...passage, signal }, descriptor))
    })
    // Known before anyone can ask for it by its digest.
    blob.made.then(
      ({ digest }) => started.set(digest, job),
      () => {},
    )
    return job
  }
  return { ...passage, signal, blob, stream }
}

const copyManifest = async (walk: Walk, descriptor: Descriptor, stop: AbortController): Promise<void> => {
  const bytes = await readSmall(walk.from, descriptor)
  const { config, layers } = parseManifest(bytes, descriptor.digest)
  await all([config, ...layers].map(walk.blob), (error) => stop.abort(error))
  walk.signal.throwIfAborted()
  await walk.to.push(descriptor, [bytes])
}

/** Children before parents: a target never holds a manifest whose blobs it lacks. */
const copyTree = async (walk: Walk, descriptor: Descriptor, stop: AbortController, depth = 0): Promise<void> => {
  walk.signal.throwIfAborted()
  if (depth > deepest) throw invalid(`index ${descriptor.digest} lies too deep`)
  if (isManifest(descriptor.mediaType)) return copyManifest(walk, descriptor, stop)
  if (!isIndex(descriptor.mediaType)) return walk.blob(descriptor)
  const bytes = await readSmall(walk.from, descriptor)
  for (const child of parseIndex(bytes, descriptor.digest).manifests) await copyTree(walk, child, stop, depth + 1)
  await walk.to.push(descriptor, [bytes])
}

/** What `reference` stands for: a manifest, or an index of them. Throws not-found. */
export const resolveImage = async (from: ImageSource, reference: Reference): Promise<Descriptor> => {
  const root = await from.resolve(reference)
  if (isManifest(root.mediaType) || isIndex(root.mediaType)) return root
  throw invalid(`unsupported media type ${JSON.stringify(root.mediaType.slice(0, 100))}`)
}

/** Of an index, its manifest for `platform`. Throws not-found in docker's words. */
export const selectManifest = async (from: ImageSource, root: Descriptor, platform: Platform): Promise<Descriptor> => {
  let descriptor = root
  for (let depth = 0; isIndex(descriptor.mediaType); depth += 1) {
    if (depth > deepest) throw invalid(`index ${descriptor.digest} lies too deep`)
    const index = parseIndex(await readSmall(from, descriptor), descriptor.digest)
    descriptor = selectPlatform(index.manifests, platform)
  }
  return descriptor
}

/** A copy whose parts come one after the other: what is ready goes, while the rest is being made. */
export interface Copy extends AsyncDisposable {
  /** Starts the copy of a blob. Its failure shows in `finish()`, and ends `signal` before. */
  blob(descriptor: Descriptor): void
  /** The same for one that is just being made: it goes while it is. */
  stream(blob: BlobInTheMaking): void
  /** Copies what is left of an image, or of all the images of an index, and tags it last. */
  finish(descriptor: Descriptor, reference: Reference): Promise<void>
  /** Ended by the caller's, and by the first failure. */
  readonly signal: AbortSignal
}

/** Disposing stops what is under way, and waits for it. */
export const openCopy = (from: ImageSource, to: ImageTarget, options: CopyOptions = {}): Copy => {
  const stop = new AbortController()
  const walk = startWalk({ from, to, options }, stop)
  const early: Promise<void>[] = []
  const start = (job: Promise<void>): void => {
    job.catch((error: unknown) => stop.abort(error))
    early.push(job)
  }
  return {
    signal: walk.signal,
    blob: (descriptor) => start(walk.blob(descriptor)),
    stream: (blob) => start(walk.stream(blob)),
    async finish(descriptor, reference) {
      try {
        await copyTree(walk, descriptor, stop)
      } catch (error) {
        // The abort that followed the first failure is no news.
        throw stop.signal.aborted && options.signal?.aborted !== true ? stop.signal.reason : error
      }
      options.signal?.throwIfAborted()
      await to.tag(reference, descriptor)
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.allSettled(early)
    },
  }
}

/**
 * Moves an image, or all the images of an index, with everything they consist of: pull, push, save, load, proxy and
 * replication are this one verb. What the target has is not moved. The tag comes last, so that a copy that failed or was
 * aborted is not to be seen; what it moved may stay, for the next try or the target's garbage collector.
 *
 * Returns what was copied and tagged: with `platform`, the manifest chosen from the index.
 */
export const copyImage = async (
  from: ImageSource,
  fromReference: Reference,
  to: ImageTarget,
  toReference: Reference,
  options: CopyOptions = {},
): Promise<Descriptor> => {
  options.signal?.throwIfAborted()
  const root = await resolveImage(from, fromReference)
  const descriptor = options.platform === undefined ? root : await selectManifest(from, root, options.platform)
  await using copy = openCopy(from, to, options)
  await copy.finish(descriptor, toReference)
  return descriptor
}
