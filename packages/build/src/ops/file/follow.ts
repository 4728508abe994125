import { on } from 'node:events'
import { join } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import { type IgnoreMatcher, ignoreMatcher, type PathMatch, SlipwayError } from '@slipway/core'
import { isWhiteoutName, LayerImage, type WrittenImage } from '@slipway/store'
import { type CopyChange, copierOf } from './change.ts'
import type { Copier } from './copy.ts'
import { LayerTarget } from './target/layer.ts'
import { isBefore, type LayerEntry, Packer, writeEntries } from './target/layer-tar.ts'
import { PackedFile, packedNode } from './tree/packed.ts'
import { packedOf, type ReceivedEntry } from './tree/received.ts'

/** Copies a whole context while it comes, as a layer's image. */
export interface FollowJob {
  readonly kind: 'follow'
  /** A new file. */
  readonly image: string
  /** Shows what the layer is put on; only read. */
  readonly root: string
  readonly copy: Pick<CopyChange, 'destination' | 'keepOwner' | 'owner' | 'ownerMustExist' | 'mode'>
  readonly ignore: readonly string[]
  /** Seconds since 1970: nothing is to be younger. */
  readonly newest?: number | undefined
}

/** What has come: entries in their order, and the paths of packs behind those that were told before. */
export type FollowMessage =
  | { readonly entries: readonly ReceivedEntry[]; readonly packs: readonly string[] }
  /** All has come. */
  | { readonly isWhole: true }

/** A context can be copied as it comes only where the order in which it comes is that of its layer, and nothing is in the way. */
const outOfStep = (why: string): SlipwayError =>
  new SlipwayError('unsupported', `this context can't be copied while it comes: ${why}`)

interface OpenDirectory {
  readonly path: string
  /** The last name that came in it. */
  last: string
  readonly ignored: PathMatch | undefined
}

/** Takes entries one after the other, and gives what they are in the layer. */
class Following {
  readonly #target: LayerTarget
  readonly #packer: Packer
  readonly #copier: Copier
  readonly #ignore: IgnoreMatcher
  readonly #place: string
  readonly #packs: PackedFile[] = []
  /** From the top to where the last entry was. */
  readonly #open: OpenDirectory[] = [{ path: '', last: '', ignored: undefined }]
  #isBegun = false

  constructor({ root, copy, ignore, newest }: FollowJob, onEntry: () => void) {
    this.#target = new LayerTarget(root)
    this.#packer = new Packer(newest, onEntry)
    this.#copier = copierOf({ ...copy, exclude: [], parents: false }, { target: this.#target, root, onEntry })
    this.#ignore = ignoreMatcher(ignore)
    this.#place = this.#copier.makeDestination()
  }

  *take(entries: readonly ReceivedEntry[], packs: readonly string[]): Generator<LayerEntry, void, void> {
    for (const path of packs) this.#packs.push(new PackedFile(path))
    if (!this.#isBegun && entries.length > 0) yield* this.#begin()
    for (const entry of entries) yield this.#copy(entry)
  }

  *end(): Generator<LayerEntry, void, void> {
    // Of nothing, the directory that it went to may be all there is.
    if (!this.#isBegun) yield* this.#packer.pack(this.#target.top, '')
  }

  close(): void {
    for (const pack of this.#packs) pack.close()
  }

  /** The directories on the way are in the layer with the first thing that is in it. */
  *#begin(): Generator<LayerEntry, void, void> {
    this.#isBegun = true
    this.#target.include(this.#place)
    yield* this.#packer.pack(this.#target.top, '')
  }

  #copy(entry: ReceivedEntry): LayerEntry {
    const [path, type] = entry
    if (type === 'hardlink') throw outOfStep('a file has several names')
    this.#enter(path, type === 'directory')
    const to = `${this.#place === '/' ? '' : this.#place}/${path}`
    if (this.#target.kindAt(to) !== undefined) throw outOfStep('something is there already')
    const node = packedNode(...packedOf(entry, this.#packs))
    const name = to.slice(1)
    if (node.kind === 'directory') return this.#packer.directory(this.#copier.metadataOf(node), name)
    return this.#packer.leaf({ kind: node.kind, node, metadataOf: this.#copier.metadataOf }, name)
  }

  /** Entries come directory by directory, in the order of names. */
  #enter(path: string, isDirectory: boolean): void {
    const slash = path.lastIndexOf('/')
    const above = path.slice(0, Math.max(slash, 0))
    const name = path.slice(slash + 1)
    while (this.#open.length > 1 && this.#open.at(-1)?.path !== above) this.#open.pop()
    const here = this.#open.at(-1)
    if (here?.path !== above || !isBefore(here.last, name)) throw outOfStep('it comes in another order')
    if (name === '' || name === '.' || name === '..' || isWhiteoutName(name)) throw outOfStep('of an odd name')
    here.last = name
    const ignored = this.#ignore.match(path, here.ignored)
    if (ignored?.ignored === true) throw outOfStep('something of it is ignored')
    if (isDirectory) this.#open.push({ path, last: '', ignored })
  }
}

/** Throws unsupported for what has to be copied when all of it is there. */
export const runFollowJob = async (job: FollowJob, port: MessagePort, onEntry: () => void): Promise<WrittenImage> => {
  let following: Following | undefined
  try {
    following = new Following(job, onEntry)
    await using image = new LayerImage(job.image)
    for await (const [message] of on(port, 'message', { close: ['close'] }) as AsyncIterable<[FollowMessage]>) {
      onEntry()
      if (!('isWhole' in message)) {
        await writeEntries(image, following.take(message.entries, message.packs), onEntry)
        continue
      }
      await writeEntries(image, following.end(), onEntry)
      return await image.finish()
    }
    throw new SlipwayError('cancelled', 'nobody wants this layer')
  } finally {
    following?.close()
    port.close()
  }
}

/** Where the packs of a context lie. */
export const packPaths = (directory: string, names: readonly string[]): readonly string[] =>
  names.map((name) => join(directory, name))
