import { randomBytes } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { bootId } from '@slipway/linux'
import type { FileSource } from '../ops/file/select.ts'
import type { ReceivedEntry, ReceivedIndex, ReceivedPatch } from '../ops/file/tree/received.ts'
import type { Coming, Follower } from './coming.ts'
import { PackWriter } from './pack.ts'
import { WrittenEntries } from './written.ts'

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

/** A context that has come. */
export interface Kept {
  readonly path: string
  readonly index: ReceivedIndex
  /** The indexes that it stands on: what is in the file itself is what has changed. */
  readonly below: readonly string[]
  /** Its entries as they came, where that is known. */
  readonly written?: WrittenEntries | undefined
  /** Bytes of contents that nothing in it needs any more: packs go only when an index is written whole. */
  readonly unused: number
}

export interface HeldFiles {
  readonly source: FileSource
  /** They may go. */
  release(): Promise<void>
}

const noPack = -1
/** More of them are as quickly written whole. */
const mostPatched = 2000
/** Who reads a context for the first time reads all that its index stands on. */
const mostBelow = 16
/** Bytes of contents that may lie about until then. */
export const mostUnused = 32 << 20

/** Those of an earlier boot are not looked at: what they name may have been lost with the power. */
export const indexPrefix = (): string => `index-${bootId()}-`

interface Owner {
  readonly keep: (kept: Kept) => Promise<HeldFiles>
  readonly leave: () => Promise<void>
  readonly follower?: Follower | undefined
}

const bytesIn = (entries: readonly ReceivedEntry[]): number => entries.reduce((sum, entry) => sum + entry[5], 0)

const isLink = (entry: ReceivedEntry): boolean => entry[1] === 'hardlink'

/** A context while it comes. Entries come before their contents, which may come mixed. */
export class Receiving implements Coming, AsyncDisposable {
  readonly directory: string
  readonly #before: Kept | undefined
  /** What is known from last time, in the order in which it came; it mostly comes in the same again. */
  readonly #known: readonly ReceivedEntry[]
  #at = 0
  /** All that has come is byte for byte as it was last time: until something isn't, nothing is noted down. */
  #isSame = true
  #byPath: ReadonlyMap<string, number> | undefined
  readonly #owner: Owner
  readonly #packs: PackWriter
  readonly #packNames: string[]
  /** Those that haven't changed are the very objects that are known. */
  #entries: ReceivedEntry[] = []
  /** The numbers of those that are new, or different. */
  readonly #changed: number[] = []
  #isReordered = false
  readonly #written = new WrittenEntries()
  /** 1 for those of last time that are taken from there. */
  readonly #kept: Uint8Array
  /** What was known of those whose content may turn out to be the same. */
  readonly #suspected = new Map<number, ReceivedEntry>()
  #isNews = false
  readonly #grown: () => void

  constructor(directory: string, before: Kept | undefined, owner: Owner) {
    this.directory = directory
    this.#before = before
    this.#known = before?.index.entries ?? []
    this.#kept = new Uint8Array(this.#known.length)
    this.#packNames = [...(before?.index.packs ?? [])]
    this.#owner = owner
    this.#grown = () => owner.follower?.(this)
    this.#packs = new PackWriter(directory, this.#grown)
  }

  get isNews(): boolean {
    return this.#isNews
  }

  get packs(): readonly string[] {
    return this.#packNames
  }

  at(number: number): ReceivedEntry | undefined {
    if (this.#isSame) return number < this.#at ? this.#known[number] : undefined
    const entry = this.#entries[number]
    if (entry === undefined || entry[1] !== 'file' || entry[5] === 0) return entry
    const [, , , , , size, , , , , , pack, start] = entry
    return pack !== noPack && this.#packs.isReadable(this.#packNames[pack] ?? '', start + size) ? entry : undefined
  }

  /**
   * True: the next entry is as it was last time, byte for byte, and is taken from there. It lies in `bytes` from `start` to
   * `end`.
   */
  isKnown(bytes: Uint8Array, start: number, end: number): boolean {
    const number = this.#at
    if (this.#before?.written?.isAt(number, bytes, start, end) !== true) return false
    this.#at += 1
    if (!this.#isSame) this.#keep(number, bytes.subarray(start, end))
    this.#grown()
    return true
  }

  /**
   * The next entry; they are counted from 0. True: its content is wanted. `written`: as the client wrote it, for the next time.
   */
  entry(sent: SentEntry, written: Uint8Array): boolean {
    this.#diverge()
    const number = this.#find(sent.path)
    const known = number === undefined ? undefined : this.#known[number]
    if (number !== undefined && known !== undefined && looksSame(sent, known)) return !this.#keep(number, written)
    const id = this.#entries.length
    this.#written.add(written)
    this.#entries.push(entryOf(sent))
    this.#changed.push(id)
    const isWanted = sent.type === 'file' && sent.size > 0
    if (isWanted) this.#packs.begin(id, sent.size)
    if (known === undefined || !isAlike(sent, known)) this.#isNews = true
    else if (isWanted) this.#suspected.set(id, known)
    this.#grown()
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
    const known = this.#suspected.get(id)
    if (known !== undefined && known[13] !== hash) this.#isNews = true
    this.#suspected.delete(id)
    this.#grown()
  }

  /** Everything has come. */
  async commit(): Promise<HeldFiles> {
    await this.#packs.finish()
    const before = this.#before
    if (before !== undefined && this.#isSame && this.#at === this.#known.length) return this.#owner.keep(before)
    this.#diverge()
    const isSame = this.#changed.length === 0 && !this.#isReordered && this.#entries.length === this.#known.length
    const written = this.#written
    if (before !== undefined && isSame) return this.#owner.keep({ ...before, written })
    const all = { packs: this.#packNames, entries: this.#entries }
    const path = join(this.directory, `${indexPrefix()}${randomBytes(12).toString('hex')}.json`)
    const patched = this.#patch()
    const index = patched === undefined ? withoutUnused(all) : all
    await writeFile(`${path}.new`, JSON.stringify(patched?.patch ?? index), { flag: 'wx', mode: 0o600 })
    await rename(`${path}.new`, path)
    const { below = [], unused = 0 } = patched ?? {}
    return this.#owner.keep({ path, index, below, written, unused })
  }

  /** Something is different: what came until now is noted down. */
  #diverge(): void {
    if (!this.#isSame) return
    this.#isSame = false
    const count = this.#at
    this.#entries = this.#known.slice(0, count)
    this.#kept.fill(1, 0, count)
    if (count > 0) this.#before?.written?.copyTo(this.#written, count)
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

/** But for times and owners. */
const isAlike = (sent: SentEntry, known: ReceivedEntry): boolean =>
  sent.type === known[1] && sent.mode === known[2] && sent.size === known[5] && sent.linkname === known[7]

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
