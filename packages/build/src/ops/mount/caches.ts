import { existsSync, renameSync } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, hasErrno, hexOf } from '@slipway/core'
import type { BuildWorker } from '../../worker.ts'
import { runInThread } from '../file/pool.ts'
import type { CacheMount } from './mount.ts'

/** A cache directory while a step uses it. */
export interface CacheInUse extends Disposable {
  readonly path: string
}

/** A directory that outlives builds. Times are ISO 8601. */
export interface KeptDirectory {
  readonly name: string
  readonly bytes: number
  readonly createdAt: string
  readonly usedAt: string
  readonly inUse: boolean
}

interface Use {
  users: number
  readonly waiting: (() => void)[]
}

/** Not what is half made, or half gone. */
const isCache = /^[0-9a-f]{64}-\d+$/

type Fill = (directory: string) => Promise<void>

/**
 * The directories behind `RUN --mount=type=cache`: `caches/<key>-<n>` in the worker's scratch. `shared` ones have any
 * number of users; a `locked` one is waited for; of a `private` one, who comes second gets a copy of his own, which is
 * used again later. All of it lives in this process: there is one daemon for a data root.
 */
export class CacheMounts {
  readonly #root: string
  readonly #inUse = new Map<string, Use>()
  readonly #making = new Map<string, Promise<void>>()

  constructor(scratch: string) {
    this.#root = join(scratch, 'caches')
  }

  /** `fill` makes what a new one begins with. Throws when `signal` is aborted while it waits. */
  async open(key: Digest, sharing: CacheMount['sharing'], fill: Fill, signal: AbortSignal): Promise<CacheInUse> {
    let copy = 0
    while (sharing === 'private' && this.#inUse.has(`${hexOf(key)}-${copy}`)) copy += 1
    const name = `${hexOf(key)}-${copy}`
    const path = join(this.#root, name)
    const use = await this.#enter(name, sharing !== 'shared', signal)
    try {
      await this.#make(path, fill)
      // When it was used last; what steps see of it is the other time.
      await utimes(path, new Date(), (await stat(path)).mtime)
      return { path, [Symbol.dispose]: () => this.#leave(name, use) }
    } catch (error) {
      this.#leave(name, use)
      throw error
    }
  }

  /** What there is, with its size. */
  async list(): Promise<readonly KeptDirectory[]> {
    const names = (await readdir(this.#root).catch(() => [])).filter((name) => isCache.test(name))
    const found = await Promise.all(names.map((name) => this.#describe(name)))
    return found.filter((each) => each !== undefined)
  }

  /** Removes those of them that nobody uses. Returns their names. */
  async remove(names: readonly string[]): Promise<readonly string[]> {
    const removed: string[] = []
    for (const name of names) {
      if (this.#inUse.has(name) || !existsSync(join(this.#root, name))) continue
      const gone = join(this.#root, `gone-${name}`)
      // Out of the way in this very turn: a step that begins later makes a new one.
      renameSync(join(this.#root, name), gone)
      await runInThread({ kind: 'remove', path: gone }, new AbortController().signal)
      removed.push(name)
    }
    return removed
  }

  async #describe(name: string): Promise<KeptDirectory | undefined> {
    const path = join(this.#root, name)
    try {
      const { birthtime, atime } = await stat(path)
      const { size = 0 } = await runInThread({ kind: 'measure', path }, new AbortController().signal)
      const times = { createdAt: birthtime.toISOString(), usedAt: atime.toISOString() }
      return { name, bytes: size, ...times, inUse: this.#inUse.has(name) }
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return undefined
      throw error
    }
  }

  /** Once, also when several want it. */
  async #make(path: string, fill: Fill): Promise<void> {
    const before = this.#making.get(path)
    if (before !== undefined) return before
    const made = this.#makeNew(path, fill)
    this.#making.set(path, made)
    try {
      await made
    } finally {
      this.#making.delete(path)
    }
  }

  async #makeNew(path: string, fill: Fill): Promise<void> {
    if (existsSync(path)) return
    const unfinished = `${path}.making`
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished, { recursive: true })
    await fill(unfinished)
    await rename(unfinished, path)
  }

  async #enter(name: string, alone: boolean, signal: AbortSignal): Promise<Use> {
    const use = this.#inUse.get(name) ?? { users: 0, waiting: [] }
    this.#inUse.set(name, use)
    while (use.users > 0 && (alone || use.waiting.length > 0)) await this.#wait(use, signal)
    use.users += 1
    this.#inUse.set(name, use)
    return use
  }

  async #wait(use: Use, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = (): void => {
      use.waiting.splice(use.waiting.indexOf(resolve), 1)
      reject(signal.reason)
    }
    use.waiting.push(resolve)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  #leave(name: string, use: Use): void {
    use.users -= 1
    if (use.users > 0) return
    const next = use.waiting.shift()
    if (next === undefined) this.#inUse.delete(name)
    else next()
  }
}

/** The builds of one worker share its caches. */
const known = new WeakMap<BuildWorker, CacheMounts>()

export const cachesOf = (worker: BuildWorker): CacheMounts => {
  const caches = known.get(worker) ?? new CacheMounts(worker.scratch)
  known.set(worker, caches)
  return caches
}
