import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { digestOf, hasErrno, hexOf } from '@slipway/core'
import { bootId } from '@slipway/linux'
import type { FileSource } from '../ops/file/select.ts'
import { type ReceivedEntry, type ReceivedIndex, type ReceivedPatch, readReceived } from '../ops/file/tree/received.ts'
import type { KeptDirectory } from '../ops/mount/caches.ts'
import { PackWriter } from './pack.ts'
import { type Written, WrittenEntries } from './written.ts'

/** One file as a client describes it; `mtime` in nanoseconds since 1970. */
export interface SentEntry {
  readonly path: string
  readonly type: ReceivedEntry[1]
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: number
  readonly linkname: string
  readonly devMajor: number
  readonly devMinor: number
  readonly xattrs: Readonly<Record<string, string>> | null
}

interface Kept {
  readonly path: string
  readonly index: ReceivedIndex
  /** The indexes that it stands on: what is in the file itself is what has changed. */
  readonly below: readonly string[]
  /** Its entries as they came, where that is known. */
  readonly written?: Written | undefined
  /** Bytes of contents that nothing in it needs any more: packs go only when an index is written whole. */
  readonly unused: number
}

const noPack = -1
const diskBlock = 512
/** More of them are as quickly written whole. */
const mostPatched = 2000
/** Who reads a context for the first time reads all that its index stands on. */
const mostBelow = 16
/** Bytes of contents that may lie about until then. */
const mostUnused = 32 << 20

/** Those of an earlier boot are not looked at: what they name may have been lost with the power. */
const indexPrefix = (): string => `index-${bootId()}-`

/**
 * The contexts that clients sent, in a directory each: `index-<boot>-<id>.json` says what there is, `pack-<id>` holds contents.
 * When a client sends one again, only what isn't known yet is asked for, and where that is little the index says what is
 * different from the one before, on which it stands. An index and the packs it names never change, so that a build can go on with its own while another one makes the next. They outlive the daemon, and not the machine: what a
 * client can send again needn't wait for the disk.
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

  /** Begins to take what a client sends; `key` names what it sends, the same each time. */
  async receive(key: string): Promise<Receiving> {
    const directory = join(this.#directory, hexOf(digestOf(key)))
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const before = this.#kept.get(directory) ?? (await this.#recover(directory))
    // Counted from now on: nothing of the directory goes away meanwhile.
    const leave = this.#enter(join(directory, 'receiving'))
    return new Receiving(directory, before, {
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

export interface HeldFiles {
  readonly source: FileSource
  /** They may go. */
  release(): Promise<void>
}

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

interface Owner {
  readonly keep: (kept: Kept) => Promise<HeldFiles>
  readonly leave: () => Promise<void>
}

const bytesIn = (entries: readonly ReceivedEntry[]): number => entries.reduce((sum, entry) => sum + entry[5], 0)

const isLink = (entry: ReceivedEntry): boolean => entry[1] === 'hardlink'

/** A context while it comes. Entries come before their contents, which may come mixed. */
export class Receiving implements AsyncDisposable {
  readonly #directory: string
  readonly #before: Kept | undefined
  /** What is known from last time, in the order in which it came; it mostly comes in the same again. */
  readonly #known: readonly ReceivedEntry[]
  #at = 0
  #byPath: ReadonlyMap<string, number> | undefined
  readonly #owner: Owner
  readonly #packs: PackWriter
  readonly #packNames: string[]
  /** Those that haven't changed are the very objects that are known. */
  readonly #entries: ReceivedEntry[] = []
  /** The numbers of those that are new, or different. */
  readonly #changed: number[] = []
  #isReordered = false
  readonly #written = new WrittenEntries()
  /** 1 for those of last time that are taken from there. */
  readonly #kept: Uint8Array

  constructor(directory: string, before: Kept | undefined, owner: Owner) {
    this.#directory = directory
    this.#before = before
    this.#known = before?.index.entries ?? []
    this.#kept = new Uint8Array(this.#known.length)
    this.#packNames = [...(before?.index.packs ?? [])]
    this.#owner = owner
    this.#packs = new PackWriter(directory)
  }

  /** True: the next entry is as it was last time, byte for byte, and is taken from there. */
  isKnown(written: Uint8Array): boolean {
    const number = this.#at
    if (this.#before?.written?.isAt(number, written) !== true) return false
    this.#at += 1
    return this.#keep(number, written)
  }

  /** The next entry; they are counted from 0. True: its content is wanted. `written`: as the client wrote it, for the next time. */
  entry(sent: SentEntry, written: Uint8Array): boolean {
    const number = this.#find(sent.path)
    const known = number === undefined ? undefined : this.#known[number]
    if (number !== undefined && known !== undefined && looksSame(sent, known)) return !this.#keep(number, written)
    const id = this.#entries.length
    this.#written.add(written)
    this.#entries.push(entryOf(sent))
    this.#changed.push(id)
    const isWanted = sent.type === 'file' && sent.size > 0
    if (isWanted) this.#packs.begin(id, sent.size)
    return isWanted
  }

  data(id: number, bytes: Uint8Array): Promise<void> | undefined {
    return this.#packs.data(id, bytes)
  }

  end(id: number): void {
    const { pack, start, hash } = this.#packs.end(id)
    const sent = this.#entries[id] as ReceivedEntry
    if (this.#packNames.at(-1) !== pack && !this.#packNames.includes(pack)) this.#packNames.push(pack)
    this.#entries[id] = withContent(sent, this.#packNames.lastIndexOf(pack), start, hash)
  }

  /** Everything has come. */
  async commit(): Promise<HeldFiles> {
    await this.#packs.finish()
    const isSame = this.#changed.length === 0 && !this.#isReordered && this.#entries.length === this.#known.length
    const written = this.#written
    if (isSame && this.#before !== undefined) return this.#owner.keep({ ...this.#before, written })
    const all = { packs: this.#packNames, entries: this.#entries }
    const path = join(this.#directory, `${indexPrefix()}${randomBytes(12).toString('hex')}.json`)
    const patched = this.#patch()
    const index = patched === undefined ? withoutUnused(all) : all
    await writeFile(`${path}.new`, JSON.stringify(patched?.patch ?? index), { flag: 'wx', mode: 0o600 })
    await rename(`${path}.new`, path)
    const { below = [], unused = 0 } = patched ?? {}
    return this.#owner.keep({ path, index, below, written, unused })
  }

  /** Takes an entry of last time. */
  #keep(number: number, written: Uint8Array): true {
    // The order counts too: a hard link comes after what it links to.
    if (number !== this.#entries.length) this.#isReordered = true
    this.#kept[number] = 1
    this.#entries.push(this.#known[number] as ReceivedEntry)
    this.#written.add(written)
    return true
  }

  /** The number it had last time. */
  #find(path: string): number | undefined {
    if (this.#known[this.#at]?.[0] !== path) {
      this.#byPath ??= new Map(this.#known.map(([name], number) => [name, number]))
      const number = this.#byPath.get(path)
      if (number === undefined) return undefined
      this.#at = number
    }
    return this.#at++
  }

  /** What has changed, where that is little, and can be told of each file by itself. */
  #patch(): (Pick<Kept, 'below' | 'unused'> & { readonly patch: ReceivedPatch }) | undefined {
    const before = this.#before
    const entries = this.#entries
    if (before === undefined || this.#changed.length > mostPatched || before.below.length >= mostBelow) return undefined
    if (entries.some(isLink) || this.#known.some(isLink)) return undefined
    const put = this.#changed.map((id) => entries[id] as ReceivedEntry)
    const unused = before.unused + bytesIn(this.#known) - (bytesIn(entries) - bytesIn(put))
    if (unused > mostUnused) return undefined
    const patch = { from: basename(before.path), packs: this.#packNames, removed: this.#removed(put), put }
    return { patch, below: [...before.below, before.path], unused }
  }

  /** A path that something else has now is taken out first: a directory with all that was in it. */
  #removed(put: readonly ReceivedEntry[]): readonly string[] {
    const types = new Map(put.map(([path, type]) => [path, type]))
    const gone: string[] = []
    for (const [number, [path, type]] of this.#known.entries()) {
      if (this.#kept[number] === 0 && types.get(path) !== type) gone.push(path)
    }
    return gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#packs[Symbol.asyncDispose]()
    await this.#owner.leave()
  }
}

const entryOf = (sent: SentEntry): ReceivedEntry => {
  const { path, type, mode, uid, gid, size, mtime, linkname, devMajor, devMinor, xattrs } = sent
  return [path, type, mode, uid, gid, size, mtime, linkname, devMajor, devMinor, xattrs, noPack, 0, '']
}

const withContent = (entry: ReceivedEntry, pack: number, start: number, hash: string): ReceivedEntry => {
  const [path, type, mode, uid, gid, size, mtime, linkname, devMajor, devMinor, xattrs] = entry
  return [path, type, mode, uid, gid, size, mtime, linkname, devMajor, devMinor, xattrs, pack, start, hash]
}

/** Without the packs that no entry needs any more. */
const withoutUnused = ({ packs, entries }: ReceivedIndex): ReceivedIndex => {
  const used = new Set(entries.map((entry) => entry[11]))
  const kept = packs.filter((_, number) => used.has(number))
  if (kept.length === packs.length) return { packs, entries }
  const numbers = new Map(kept.map((name, number) => [packs.indexOf(name), number]))
  return {
    packs: kept,
    entries: entries.map((entry) => withContent(entry, numbers.get(entry[11]) ?? noPack, entry[12], entry[13])),
  }
}

const looksSame = (sent: SentEntry, known: ReceivedEntry): boolean =>
  sent.type === known[1] &&
  sent.mode === known[2] &&
  sent.uid === known[3] &&
  sent.gid === known[4] &&
  sent.size === known[5] &&
  sent.mtime === known[6] &&
  sent.linkname === known[7] &&
  sent.devMajor === known[8] &&
  sent.devMinor === known[9] &&
  (sent.xattrs === known[10] || JSON.stringify(sent.xattrs) === JSON.stringify(known[10]))
