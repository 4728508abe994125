import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import {
  type AppliedLayer,
  type ApplyOptions,
  type ChainId,
  conflict,
  hasErrno,
  invalid,
  type LayerFile,
  notFound,
  SlipwayError,
  type SnapshotInfo,
  type UnpackedLayer,
} from '@slipway/core'
import { Turns } from '../turns.ts'
import { runJob } from '../workers/run.ts'
import { Journal, type SnapshotRecord } from './journal.ts'

export const infoOf = ({ name, kind, parent, createdAt }: SnapshotRecord): SnapshotInfo => ({
  name,
  kind,
  ...(parent === undefined ? {} : { parent }),
  createdAt: new Date(createdAt),
})

interface NewSnapshot {
  readonly name: string
  readonly kind: 'active' | 'view'
  readonly parent?: ChainId | undefined
  /** Makes what is in `path`, which has an empty `fs`. If it throws, nothing stays. */
  readonly fill: (path: string) => Promise<void>
}

/** A layer that is on disk. */
export type Filled = AppliedLayer & Pick<SnapshotRecord, 'isImage' | 'usage'>

/** How a driver unpacks a layer. If either step throws, nothing stays. */
export interface Unpacking {
  /** Fills `path`, an empty directory, with what can be done before it is known what lies below. */
  readonly fill: (path: string) => Promise<Filled>
  /** Does the rest, once it stands on `parent`. */
  readonly settle: (path: string, parent: ChainId | undefined) => Promise<void>
}

type NewRecord = Omit<SnapshotRecord, 'createdAt' | 'parent'> & { readonly parent: ChainId | undefined }

/**
 * The directory that the snapshotters keep their snapshots in:
 * ```
 * driver            which snapshotter made this
 * journal           which snapshots there are
 * layers/<id>/fs    their files, or `image`, which holds them; what the journal doesn't name is a left-over
 * trash/<id>        removed, being deleted by a worker
 * empty/            an empty lower layer
 * ```
 * A snapshot exists from the moment its line is in the journal until the moment that says it is gone: a crash before or
 * after leaves only a directory that `cleanup()` takes away.
 */
export class SnapshotFolder implements AsyncDisposable {
  readonly root: string
  readonly turns = new Turns()
  readonly #journal: Journal
  /** How many stand on a name, those under way included. */
  readonly #standing = new Map<string, number>()
  readonly #underWay = new Set<number>()
  readonly #onDiscard: (id: number) => void
  /** Layers being applied: those above them wait. */
  readonly #arriving = new Map<ChainId, Promise<unknown>>()
  #nextId: number
  #deleting: Promise<void> = Promise.resolve()

  private constructor(root: string, journal: Journal, nextId: number, onDiscard: (id: number) => void) {
    this.root = root
    this.#onDiscard = onDiscard
    this.#journal = journal
    this.#nextId = nextId
    for (const { parent } of journal.records.values()) this.#stand(parent, 1)
  }

  /** Throws conflict when another driver made the directory. `onDiscard` is told before a snapshot's files go. */
  static async open(root: string, driver: string, onDiscard: (id: number) => void = () => {}): Promise<SnapshotFolder> {
    if (root.includes(':') || root.includes(',') || root.includes('\\')) {
      throw invalid(`a snapshot directory's path can't hold ":", "," or "\\": ${root}`)
    }
    for (const name of ['layers', 'trash', 'empty']) await mkdir(join(root, name), { recursive: true, mode: 0o711 })
    await claim(join(root, 'driver'), driver)
    const journal = await Journal.open(join(root, 'journal'))
    const ids = [...journal.records.values()].map(({ id }) => id)
    const directories = [...(await readdir(join(root, 'layers'))), ...(await readdir(join(root, 'trash')))]
    const largest = [...ids, ...directories.filter(isId).map(Number)].reduce((most, id) => Math.max(most, id), 0)
    return new SnapshotFolder(root, journal, largest + 1, onDiscard)
  }

  find(name: string): SnapshotRecord | undefined {
    return this.#journal.records.get(name)
  }

  get(name: string): SnapshotRecord {
    const record = this.find(name)
    if (record === undefined) throw notFound('snapshot', name)
    return record
  }

  list(): readonly SnapshotRecord[] {
    return [...this.#journal.records.values()]
  }

  /** Where all of a snapshot lies. */
  placeOf({ id }: SnapshotRecord): string {
    return join(this.root, 'layers', String(id))
  }

  pathOf(record: SnapshotRecord, part: 'fs' | 'work' = 'fs'): string {
    return join(this.placeOf(record), part)
  }

  /** The committed snapshots below `parent` and itself, top first. Throws not-found when one is missing. */
  chain(parent: ChainId | undefined): readonly SnapshotRecord[] {
    const chain: SnapshotRecord[] = []
    for (let name = parent; name !== undefined; name = chain.at(-1)?.parent) {
      const record = this.get(name)
      if (record.kind !== 'committed') throw conflict(`snapshot ${name} is not committed`)
      chain.push(record)
    }
    return chain
  }

  /** Throws already-exists. Nobody can remove the parent from the moment this is called. */
  async create({ name, kind, parent, fill }: NewSnapshot): Promise<SnapshotRecord> {
    this.#stand(parent, 1)
    const { id, path } = this.#newPlace()
    const release = await this.turns.take(name)
    try {
      if (this.find(name) !== undefined) {
        throw new SlipwayError('already-exists', `snapshot ${name} already exists`, { detail: { name } })
      }
      await mkdir(join(path, 'fs'), { recursive: true })
      await fill(path)
      return await this.#put({ id, name, kind, parent })
    } catch (error) {
      this.#stand(parent, -1)
      await this.#discard([id])
      throw error
    } finally {
      this.#underWay.delete(id)
      release()
    }
  }

  /** A layer without a place in a stack: `fill` does its part now, and `settle` when it gets one. */
  async unpack({ fill, settle }: Unpacking): Promise<UnpackedLayer> {
    const { id, path } = this.#newPlace()
    const discard = async (): Promise<void> => {
      if (this.#underWay.has(id)) await this.#discard([id])
    }
    try {
      await mkdir(path, { recursive: true })
      const { diffId, size, isImage, usage } = await fill(path)
      const known = { ...(isImage ? { isImage } : {}), ...(usage ? { usage } : {}) }
      const commit = async (name: ChainId, parent: ChainId | undefined): Promise<void> => {
        const release = await this.turns.take(name)
        this.#stand(parent, 1)
        let isPut = false
        try {
          if (this.find(name) !== undefined) return await discard()
          this.chain(parent)
          await settle(path, parent)
          await this.#put({ id, name, kind: 'committed', parent, applied: { diffId, size }, ...known })
          isPut = this.#underWay.delete(id)
        } finally {
          if (!isPut) this.#stand(parent, -1)
          release()
        }
      }
      return { diffId, size, commit, [Symbol.asyncDispose]: discard }
    } catch (error) {
      await discard()
      throw error
    }
  }

  /** Unpacks and commits. Waits for the parent, if that is being applied; does nothing if `name` is there. */
  async apply(
    name: ChainId,
    parent: ChainId | undefined,
    layer: LayerFile & ApplyOptions,
    unpack: () => Promise<UnpackedLayer>,
  ): Promise<AppliedLayer> {
    const below = parent === undefined ? undefined : this.#arriving.get(parent)
    const applying = this.#applyAfter(below, name, parent, unpack)
    this.#arriving.set(name, applying)
    try {
      const applied = await applying
      if (applied !== undefined) return applied
    } finally {
      if (this.#arriving.get(name) === applying) this.#arriving.delete(name)
    }
    // One that a build committed hasn't been a tar yet; then the file says what it is.
    const { path, compression, expected, signal, onProgress } = layer
    return this.get(name).applied ?? runJob('hashLayer', { path, compression, expected }, { signal, onProgress })
  }

  async #applyAfter(
    below: Promise<unknown> | undefined,
    name: ChainId,
    parent: ChainId | undefined,
    unpack: () => Promise<UnpackedLayer>,
  ): Promise<AppliedLayer | undefined> {
    const release = await this.turns.take(`apply ${name}`)
    this.#stand(parent, 1)
    try {
      if (this.find(name) !== undefined) return undefined
      await using layer = await unpack()
      await below
      await layer.commit(name, parent)
      return { diffId: layer.diffId, size: layer.size }
    } finally {
      this.#stand(parent, -1)
      release()
    }
  }

  /** An active snapshot under the name of a committed one; dropped when that is there already. */
  async commit(key: string, name: ChainId): Promise<void> {
    const release = await this.turns.take(name)
    try {
      const record = this.get(key)
      if (record.kind !== 'active') throw conflict(`snapshot ${key} is not active`)
      if (this.find(name) !== undefined) return await this.remove(key)
      await rm(this.pathOf(record, 'work'), { recursive: true, force: true })
      const { usage: _, ...rest } = record
      await this.#journal.append({ put: { ...rest, name, kind: 'committed' }, was: key }, { durable: true })
    } finally {
      release()
    }
  }

  /** See `CanReplace`. One line of the journal: there is no moment without the layer. */
  async replace(name: ChainId, by: ChainId): Promise<void> {
    const release = await this.turns.take(name)
    try {
      const [old, spare] = [this.get(name), this.get(by)]
      if ((this.#standing.get(by) ?? 0) > 0) throw conflict(`snapshot ${by} is in use: another one stands on it`)
      if (old.kind !== 'committed' || spare.kind !== 'committed' || old.parent !== spare.parent) {
        throw conflict(`snapshot ${by} is not another ${name}`)
      }
      this.#underWay.add(old.id)
      await this.#journal.append({ put: { ...spare, name }, was: by }, { durable: true })
      this.#stand(spare.parent, -1)
      await this.#discard([old.id])
    } finally {
      release()
    }
  }

  /** Throws conflict while something stands on it. */
  async remove(name: string): Promise<void> {
    const record = this.find(name)
    if (record === undefined) return
    if ((this.#standing.get(name) ?? 0) > 0) throw conflict(`snapshot ${name} is in use: another one stands on it`)
    this.#stand(record.parent, -1)
    this.#underWay.add(record.id)
    await this.#journal.append({ gone: name })
    await this.#discard([record.id])
  }

  /** Notes what a committed snapshot takes on disk: it never changes. */
  async noteUsage(record: SnapshotRecord, usage: { readonly bytes: number; readonly inodes: number }): Promise<void> {
    const now = this.find(record.name)
    if (now?.id === record.id && now.kind === 'committed') await this.#journal.append({ put: { ...now, usage } })
  }

  /** See `Snapshotter`. What was removed while it was looked for isn't missing. */
  async missing(): Promise<readonly SnapshotInfo[]> {
    const checked = await Promise.all(
      this.list().map(async (record) => {
        const { isImage, kind } = record
        if (kind === 'view' || (await isThere(join(this.placeOf(record), isImage ? 'image' : 'fs')))) return []
        return this.find(record.name)?.id === record.id ? [infoOf(record)] : []
      }),
    )
    return checked.flat()
  }

  /** The directories, and whatever else, that no record names. */
  async strays(): Promise<readonly string[]> {
    const layers = join(this.root, 'layers')
    const present = await readdir(layers)
    const known = new Set([...this.list().map(({ id }) => id), ...this.#underWay].map(String))
    const unknown = present.filter((name) => !known.has(name)).map((name) => join(layers, name))
    // What was on its way out when it was listed, and is unknown now, has left.
    const stillThere = await Promise.all(unknown.map(isThere))
    return unknown.filter((_, at) => stillThere[at])
  }

  /** Takes them away. */
  async cleanup(): Promise<void> {
    const strays = (await this.strays()).map((path) => basename(path))
    await this.#discard(strays.filter(isId).map(Number))
    for (const name of strays.filter((each) => !isId(each))) {
      await rm(join(this.root, 'layers', name), { recursive: true, force: true })
    }
  }

  /** Waits for what is being deleted. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#deleting
    await this.#journal[Symbol.asyncDispose]()
  }

  #newPlace(): { readonly id: number; readonly path: string } {
    const id = this.#nextId++
    this.#underWay.add(id)
    return { id, path: join(this.root, 'layers', String(id)) }
  }

  /** What is committed outlasts a loss of power once it is acknowledged. */
  async #put({ parent, ...known }: NewRecord): Promise<SnapshotRecord> {
    const below = parent === undefined ? {} : { parent }
    const put: SnapshotRecord = { ...known, createdAt: new Date().toISOString(), ...below }
    await this.#journal.append({ put }, { durable: put.kind === 'committed' })
    return put
  }

  #stand(parent: string | undefined, change: 1 | -1): void {
    if (parent === undefined) return
    const count = (this.#standing.get(parent) ?? 0) + change
    if (count > 0) this.#standing.set(parent, count)
    else this.#standing.delete(parent)
  }

  /** Out of the way at once, deleted by a worker later: 30,000 files take most of a second. */
  async #discard(ids: readonly number[]): Promise<void> {
    for (const id of ids) {
      this.#onDiscard(id)
      try {
        await rename(join(this.root, 'layers', String(id)), join(this.root, 'trash', String(id)))
      } catch (error) {
        if (!hasErrno(error, 'ENOENT')) throw error
      }
      this.#underWay.delete(id)
    }
    // What can't be deleted now (a mount in it, perhaps) is tried again at the next removal, and at start-up.
    this.#deleting = this.#deleting.then(() => this.#emptyTrash()).catch(() => {})
  }

  async #emptyTrash(): Promise<void> {
    const trash = join(this.root, 'trash')
    const names = await readdir(trash)
    if (names.length > 0) await runJob('removeTrees', { directory: trash, names })
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const isId = (name: string): boolean => /^[1-9]\d*$/.test(name)

const claim = async (path: string, driver: string): Promise<void> => {
  try {
    const made = await readFile(path, 'utf8')
    if (made === driver) return
    throw conflict(`the snapshots were made by the ${made} driver, and ${driver} is asked for: use another data root`)
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error
  }
  await writeFile(path, driver)
}
