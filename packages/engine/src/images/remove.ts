import type { DeleteResponse } from '@slipway/client'
import {
  chainIds,
  conflict,
  type Digest,
  familiarName,
  formatReference,
  hexOf,
  parseReference,
  type Reference,
  withDefaultTag,
} from '@slipway/core'
import { isCompanion, namedIndexes } from './companion.ts'
import { indexesOf } from './platform.ts'
import { isSameRepository } from './records.ts'
import type { ImageRoom } from './room.ts'
import type { Image, ImageStore } from './store.ts'

export interface RemoveOptions {
  readonly force: boolean
  /** Leave the images of earlier build steps. */
  readonly noPrune: boolean
}

const short = (id: string): string => id.slice(0, 12)

/** Docker's rules, most of them about which names and containers stand in the way. */
export class Removal {
  readonly #store: ImageStore
  readonly #options: RemoveOptions
  readonly records: DeleteResponse[] = []
  /** The layers of what was removed; others may still need them. */
  readonly layers = new Set<string>()

  constructor(store: ImageStore, options: RemoveOptions) {
    this.#store = store
    this.#options = options
  }

  async untag(image: Image, reference: Reference): Promise<void> {
    await this.#store.untag(reference)
    this.#store.publish('untag', image.id, image.id)
    this.records.push({ Untagged: familiarName(reference) })
  }

  /** `given`: the name as it was asked for. True when the last name is gone, so that the image may go too. */
  async removeName(image: Image, reference: Reference, given: string): Promise<boolean> {
    const [user] = this.#store.inUse(image.id)
    if (!this.#options.force && isSingleReference(image) && user !== undefined) {
      throw conflict(
        `conflict: unable to remove repository reference "${familiarName(parseReference(given))}" (must force) - container ${short(user.id)} is using its referenced image ${short(hexOf(image.id))}`,
      )
    }
    await this.untag(image, reference)
    const left = (await this.#store.get(image.id)) ?? image
    const hasSisterTag = left.references.some((other) => isSameRepository(other, reference))
    if (reference.digest === undefined && !hasSisterTag) {
      for (const digest of left.repoDigests.filter((other) => isSameRepository(other, reference))) {
        await this.untag(image, digest)
      }
    }
    const now = await this.#store.get(image.id)
    return now !== undefined && now.references.length === 0 && now.repoDigests.length === 0
  }

  /** What stands in the way of removing the image, whatever its name; undefined when nothing does. */
  obstacle(image: Image, { names, force }: { names: boolean; force: boolean }): string | undefined {
    const refuse = (hard: boolean, why: string): string =>
      `conflict: unable to delete ${short(hexOf(image.id))} (${hard ? 'cannot' : 'must'} be forced) - ${why}`
    if (this.#store.children(image.id).length > 0) return refuse(true, 'image has dependent child images')
    const users = this.#store.inUse(image.id)
    const running = users.find((user) => user.running)
    if (running !== undefined) return refuse(true, `image is being used by running container ${short(running.id)}`)
    if (force) return undefined
    const hasNames = image.references.length > 0 || image.repoDigests.length > 0
    if (names && hasNames) return refuse(false, 'image is referenced in multiple repositories')
    const [stopped] = users
    if (stopped !== undefined) return refuse(false, `image is being used by stopped container ${short(stopped.id)}`)
    return undefined
  }

  /** Removes the image, and then those that nothing but it led to: of the steps before, and for other machines. */
  async removeImage(image: Image, { force, quiet }: { force: boolean; quiet: boolean }): Promise<void> {
    const obstacle = this.obstacle(image, { names: true, force })
    if (obstacle !== undefined) {
      if (quiet) return
      throw conflict(obstacle)
    }
    for (const name of namesOf(image)) await this.untag(image, name)
    await this.#store.forget(image.id)
    this.#store.publish('delete', image.id, image.id)
    this.records.push({ Deleted: image.id })
    for (const chainId of chainIds(image.config.rootfs.diff_ids)) this.layers.add(chainId)
    const parent = image.parent === undefined ? undefined : await this.#store.get(image.parent)
    if (parent !== undefined && !this.#options.noPrune) await this.removeImage(parent, { force: false, quiet: true })
    for (const other of await this.#leftAlone(image)) await this.removeImage(other, { force: false, quiet: true })
  }

  /** What came with an image that is gone now, and that no other name leads to. */
  async #leftAlone(gone: Image): Promise<readonly Image[]> {
    const itsIndexes = new Set(indexesOf(gone).map(({ digest }) => digest))
    if (itsIndexes.size === 0) return []
    const images = await this.#store.list()
    const named = namedIndexes(images)
    return images.filter((image) => isCompanion(image, itsIndexes) && !isCompanion(image, named))
  }
}

/** In the order in which docker takes them away. */
const namesOf = ({ references, repoDigests }: Image): readonly Reference[] =>
  [...references, ...repoDigests]
    .map((name) => ({ name, text: formatReference(name) }))
    .toSorted((one, other) => (one.text < other.text ? -1 : 1))
    .map(({ name }) => name)

/** All its names are of one repository, with at most one tag. */
const isSingleReference = ({ references, repoDigests }: Image): boolean => {
  const [first, ...others] = [...references, ...repoDigests]
  if (first === undefined || references.length > 1) return false
  return others.every((other) => isSameRepository(first, other))
}

const isIdPrefix = (id: Digest, name: string): boolean => id.startsWith(name) || hexOf(id).startsWith(name)

/** The name that was meant: as a tag or a digest of this very image. */
const nameOf = (store: ImageStore, image: Image, name: string): Reference | undefined => {
  if (isIdPrefix(image.id, name) && store.byReference(safeReference(name) ?? neverNamed)?.id !== image.id)
    return undefined
  const reference = safeReference(name)
  if (reference === undefined) return undefined
  const { tag: _, ...byDigest } = reference
  return reference.digest === undefined ? reference : byDigest
}

const neverNamed: Reference = { registry: '', repository: '' }

const safeReference = (name: string): Reference | undefined => {
  try {
    return withDefaultTag(parseReference(name))
  } catch {
    return undefined
  }
}

/**
 * `docker rmi`: takes away the name that was given, and with the last name the image. What is in use, or stands on other
 * names too, throws conflict in docker's words.
 */
export const removeImage = async (
  room: ImageRoom,
  name: string,
  options: RemoveOptions,
): Promise<readonly DeleteResponse[]> => {
  const { store, collector } = room
  const image = await store.resolve(name)
  const removal = new Removal(store, options)
  const reference = nameOf(store, image, name)
  if (reference !== undefined) {
    if (!(await removal.removeName(image, reference, name))) return removal.records
  } else if (isSingleReference(image)) {
    const obstacle = removal.obstacle(image, { names: false, force: options.force })
    if (obstacle !== undefined) throw conflict(obstacle)
    for (const each of namesOf(image)) await removal.untag(image, each)
  }
  const left = await store.get(image.id)
  // A name was taken away: that an unforced removal of the image itself is not possible now is no error.
  const quiet = reference !== undefined
  if (left !== undefined) await removal.removeImage(left, { force: options.force, quiet })
  const { snapshots } = await collector.collect()
  return [...removal.records, ...deletedLayers(snapshots, removal.layers)]
}

/** Of what the collector took, the layers of these images: it may have come upon other things too. */
export const deletedLayers = (snapshots: readonly string[], layers: ReadonlySet<string>): readonly DeleteResponse[] =>
  snapshots.filter((name) => layers.has(name)).map((name) => ({ Deleted: name }))

/**
 * As `docker image prune` does with one image: never forced, and without a word when something is in the way. One that others
 * were built on loses its names, and goes with the last of them.
 */
export const removeUnused = async (store: ImageStore, image: Image): Promise<Pick<Removal, 'records' | 'layers'>> => {
  const removal = new Removal(store, { force: false, noPrune: false })
  if (store.inUse(image.id).length > 0) return removal
  for (const name of namesOf(image)) await removal.untag(image, name)
  const left = await store.get(image.id)
  if (left !== undefined) await removal.removeImage(left, { force: false, quiet: true })
  return removal
}
