import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf, hasErrno, hexOf } from '@slipway/core'
import { type ReceivedIndex, type ReceivedPatch, readReceived } from '../ops/file/tree/received.ts'
import type { KeptDirectory } from '../ops/mount/caches.ts'
import type { Follower } from './coming.ts'
import { type HeldFiles, indexPrefix, type Kept, mostUnused, Receiving } from './receiving.ts'

const diskBlock = 512

/**
 * The contexts that clients sent, in a directory each: `index-<boot>-<id>.json` says what there is, `pack-<id>` holds contents.
 * When a client sends one again, only what isn't known yet is asked for, and where that is little the index says what is
 * different from the one before, on which it stands. An index and the packs it names never change, so that a build can go on with
 * its own while another one makes the next. They outlive the daemon, and not the machine: what a client can send again needn't
 * wait for the disk.
 */
export class ReceivedContexts {
  readonly #directory: string
  /** The newest of each, those used last at the end. */
  readonly #kept = new Map<string, Kept>()
  /** How many builds read an index. */
  readonly #users = new Map<string, number>()

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Begins to take what a client sends; `key` names what it sends, the same each time. `follower` sees it come. */
  async receive(key: string, follower?: Follower): Promise<Receiving> {
    const directory = join(this.#directory, hexOf(digestOf(key)))
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const before = this.#kept.get(directory) ?? (await this.#recover(directory))
    // Counted from now on: nothing of the directory goes away meanwhile.
    const leave = this.#enter(join(directory, 'receiving'))
    return new Receiving(directory, before, {
      follower,
      keep: (kept) => this.#keep(directory, kept),
      leave: async () => {
        leave()
        // What has come of one that fails is of no use.
        await this.#sweep(directory, this.#kept.get(directory) ?? before)
      },
    })
  }

  /** What there is, with its size. */
  async list(): Promise<readonly KeptDirectory[]> {
    const names = await readdir(this.#directory).catch(() => [])
    const found = await Promise.all(names.map((name) => this.#describe(name)))
    return found.filter((each) => each !== undefined)
  }

  /** Forgets those of them that no build is using. Returns their names. */
  async remove(names: readonly string[]): Promise<readonly string[]> {
    const removed: string[] = []
    for (const name of names) {
      const directory = join(this.#directory, name)
      if (this.#isUsed(directory)) continue
      this.#kept.delete(directory)
      await this.#sweep(directory, undefined)
      removed.push(name)
    }
    return removed
  }

  async #describe(name: string): Promise<KeptDirectory | undefined> {
    const directory = join(this.#directory, name)
    const files = await readdir(directory).catch(() => [])
    if (files.length === 0) return undefined
    const found = await Promise.all(files.map((file) => stat(join(directory, file)).catch(() => undefined)))
    const bytes = found.reduce((sum, file) => sum + (file?.blocks ?? 0) * diskBlock, 0)
    const { birthtime, mtime } = await stat(directory)
    const times = { createdAt: birthtime.toISOString(), usedAt: mtime.toISOString() }
    return { name, bytes, ...times, inUse: this.#isUsed(directory) }
  }

  #isUsed(directory: string): boolean {
    return [...this.#users.keys()].some((path) => path.startsWith(`${directory}/`))
  }

  /** What an earlier daemon left, without what it was taking when it died. */
  async #recover(directory: string): Promise<Kept | undefined> {
    const newest = await readNewest(directory)
    await this.#sweep(directory, newest)
    return newest
  }

  async #keep(directory: string, kept: Kept): Promise<HeldFiles> {
    const leave = this.#enter(kept.path)
    this.#kept.delete(directory)
    this.#kept.set(directory, kept)
    const [oldest] = this.#kept.keys()
    // When it was used last.
    const now = new Date()
    await utimes(directory, now, now)
    if (this.#kept.size > 4 && oldest !== undefined) this.#kept.delete(oldest)
    return {
      source: { kind: 'received', path: kept.path },
      release: async () => {
        leave()
        await this.#sweep(directory, this.#kept.get(directory))
      },
    }
  }

  #enter(path: string): () => void {
    this.#users.set(path, (this.#users.get(path) ?? 0) + 1)
    return () => {
      const left = (this.#users.get(path) ?? 1) - 1
      if (left > 0) this.#users.set(path, left)
      else this.#users.delete(path)
    }
  }

  /** Removes what neither the newest index nor one in use needs. */
  async #sweep(directory: string, newest: Kept | undefined): Promise<void> {
    const names = await readdir(directory).catch(() => [])
    // While one is in use its packs are too, and which they are isn't known here without reading it. Asked after the names:
    // who comes later makes others.
    if (this.#isUsed(directory)) return
    const needed = new Set(newest === undefined ? [] : [newest.path, ...newest.below, ...packsOf(newest, directory)])
    for (const path of names.map((name) => join(directory, name)).filter((path) => !needed.has(path))) {
      await rm(path, { force: true })
    }
  }
}

const packsOf = ({ index }: Kept, directory: string): readonly string[] =>
  index.packs.map((name) => join(directory, name))

const readNewest = async (directory: string): Promise<Kept | undefined> => {
  const prefix = indexPrefix()
  const names = (await readdir(directory)).filter((name) => name.startsWith(prefix) && name.endsWith('.json'))
  const dated = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(directory, name))).mtimeMs })),
  )
  const newest = dated.sort((a, b) => b.at - a.at)[0]
  if (newest === undefined) return undefined
  const path = join(directory, newest.name)
  try {
    const { whole, patches } = readReceived(path)
    const below = patches.map(({ from }) => join(directory, from))
    return { path, index: patches.reduce(applyPatch, whole), below, unused: mostUnused }
  } catch (error) {
    if (error instanceof SyntaxError || hasErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/** In an order of its own: what is new comes last. */
const applyPatch = ({ entries }: ReceivedIndex, { packs, removed, put }: ReceivedPatch): ReceivedIndex => {
  const byPath = new Map(entries.map((entry) => [entry[0], entry]))
  for (const path of removed) byPath.delete(path)
  for (const entry of put) byPath.set(entry[0], entry)
  return { packs, entries: [...byPath.values()] }
}
