import { constants } from 'node:fs'
import { deviceParts } from '@slipway/linux'
import {
  belongsToHost,
  encodeHeader,
  LayerImage,
  paddingOf,
  type TarHeader,
  type TarType,
  tarEnd,
  tarHeader,
  type WrittenImage,
} from '@slipway/store'
import type { LayerTarget, Planned, PlannedDirectory, PlannedLeaf } from './layer.ts'
import { type Metadata, noXattrs } from './target.ts'

const deviceTypes: Readonly<Record<number, TarType>> = {
  [constants.S_IFCHR]: 'char',
  [constants.S_IFBLK]: 'block',
  [constants.S_IFIFO]: 'fifo',
}

type Numbers = Pick<TarHeader, 'mode' | 'uid' | 'gid' | 'mtime' | 'xattrs'>

/** Whole ones, and the same of times before 1970. */
const secondsOf = (ns: bigint): number =>
  Number(BigInt.asIntN(64, ns) / 1_000_000_000n) - (ns < 0n && ns % 1_000_000_000n !== 0n ? 1 : 0)

/** Names in the order that a layer has them. */
export const isBefore = (a: string, b: string): boolean =>
  isInOrder.test(a) && isInOrder.test(b) ? a < b : Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0

type Entry = readonly [name: string, planned: Planned]

const byBytes = ([a]: Entry, [b]: Entry): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
const byUnits = ([a]: Entry, [b]: Entry): number => (a < b ? -1 : 1)

/** JavaScript's order of strings is that of their UTF-8 but for what lies beyond U+D800. */
const isInOrder = /^[\0-\ud7ff]*$/

const sorted = (directory: PlannedDirectory): readonly Entry[] => {
  const entries = [...directory.entries]
  return entries.sort(entries.every(([name]) => isInOrder.test(name)) ? byUnits : byBytes)
}

/** An entry of a layer: what it is, and the content of a file. */
export interface LayerEntry {
  readonly header: TarHeader
  /** Each piece is good until the next is asked for. */
  readonly content?: Iterable<Buffer>
}

/** What has several names is a file under the first of them, and a link to that under the others. */
export class Packer {
  readonly #newest: number
  readonly #onEntry: () => void
  readonly #named = new Map<PlannedLeaf, string>()

  constructor(newest: number | undefined, onEntry: () => void) {
    this.#newest = newest ?? Number.POSITIVE_INFINITY
    this.#onEntry = onEntry
  }

  *pack(directory: PlannedDirectory, path: string): Generator<LayerEntry, void, void> {
    for (const [name, planned] of sorted(directory)) {
      this.#onEntry()
      const below = `${path}${name}`
      if (planned.kind !== 'directory') yield this.leaf(planned, below)
      else {
        yield this.directory(planned.metadata, below)
        yield* this.pack(planned, `${below}/`)
      }
    }
  }

  directory(metadata: Metadata, path: string): LayerEntry {
    return { header: tarHeader({ name: `${path}/`, type: 'directory', ...this.#numbers(metadata) }) }
  }

  leaf(leaf: PlannedLeaf, name: string): LayerEntry {
    const numbers = this.#numbers(leaf.metadataOf(leaf.node))
    const first = this.#named.get(leaf)
    const { node } = leaf
    if (first !== undefined) {
      return { header: tarHeader({ name, type: 'hardlink', linkname: first, ...numbers, xattrs: noXattrs }) }
    }
    if (node.identity !== '') this.#named.set(leaf, name)
    if (node.kind === 'symlink') {
      return { header: tarHeader({ name, type: 'symlink', linkname: node.target(), ...numbers, mode: 0o777 }) }
    }
    if (node.kind === 'special') {
      const { format, number } = node.device
      const { major, minor } = deviceParts(Number(number))
      const type = deviceTypes[format] ?? 'fifo'
      return { header: tarHeader({ name, type, devMajor: major, devMinor: minor, ...numbers }) }
    }
    return { header: tarHeader({ name, size: node.size, ...numbers }), content: node.content() }
  }

  #numbers({ uid, gid, mode, mtimeNs, xattrs }: Metadata): Numbers {
    const kept = xattrs.size === 0 ? xattrs : new Map([...xattrs].filter(([name]) => !belongsToHost(name)))
    return { uid, gid, mode, mtime: Math.min(secondsOf(mtimeNs), this.#newest), xattrs: kept }
  }
}

export interface LayerTarOptions {
  /** Seconds since 1970: nothing is to be younger. */
  readonly newest?: number | undefined
  /** Called for every entry, and may throw to stop. */
  readonly onEntry: () => void
}

/** What a layer holds, in an order that depends on names alone. */
const layerEntries = ({ top }: LayerTarget, { newest, onEntry }: LayerTarOptions): Iterable<LayerEntry> =>
  new Packer(newest, onEntry).pack(top, '')

/** The layer's tar. Each piece is good until the next is asked for. */
export function* layerTar(target: LayerTarget, options: LayerTarOptions): Generator<Buffer, void, void> {
  for (const { header, content } of layerEntries(target, options)) {
    yield encodeHeader(header)
    if (content !== undefined) yield* content
    yield tarEnd.subarray(0, paddingOf(header.size))
  }
  yield tarEnd
}

/** The same layer as an image, which says what that tar would be. */
export const layerImage = async (
  target: LayerTarget,
  path: string,
  options: LayerTarOptions,
): Promise<WrittenImage> => {
  await using image = new LayerImage(path)
  await writeEntries(image, layerEntries(target, options), options.onEntry)
  return await image.finish()
}

export const writeEntries = async (
  image: LayerImage,
  entries: Iterable<LayerEntry>,
  onEntry: () => void,
): Promise<void> => {
  for (const { header, content } of entries) {
    image.entry(header)
    for (const piece of content ?? []) {
      image.data(piece)
      const waiting = image.ready()
      if (waiting === undefined) continue
      onEntry()
      await waiting
    }
    image.end()
  }
}
