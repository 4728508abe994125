import { constants } from 'node:fs'
import { deviceParts } from '@slipway/linux'
import { belongsToHost, encodeHeader, paddingOf, type TarHeader, type TarType, tarEnd, tarHeader } from '@slipway/store'
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

type Entry = readonly [name: string, planned: Planned]

const byBytes = ([a]: Entry, [b]: Entry): number => Buffer.compare(Buffer.from(a), Buffer.from(b))
const byUnits = ([a]: Entry, [b]: Entry): number => (a < b ? -1 : 1)

/** JavaScript's order of strings is that of their UTF-8 but for what lies beyond U+D800. */
const isInOrder = /^[\0-\ud7ff]*$/

const sorted = (directory: PlannedDirectory): readonly Entry[] => {
  const entries = [...directory.entries]
  return entries.sort(entries.every(([name]) => isInOrder.test(name)) ? byUnits : byBytes)
}

/** Packs one layer: what has several names is a file under the first of them, and a link to that under the others. */
class Packer {
  readonly #newest: number
  readonly #onEntry: () => void
  readonly #named = new Map<PlannedLeaf, string>()

  constructor(newest: number | undefined, onEntry: () => void) {
    this.#newest = newest ?? Number.POSITIVE_INFINITY
    this.#onEntry = onEntry
  }

  *pack(directory: PlannedDirectory, path: string): Generator<Buffer, void, void> {
    for (const [name, planned] of sorted(directory)) {
      this.#onEntry()
      const below = `${path}${name}`
      if (planned.kind !== 'directory') yield* this.#packLeaf(planned, below)
      else {
        yield encodeHeader(tarHeader({ name: `${below}/`, type: 'directory', ...this.#numbers(planned.metadata) }))
        yield* this.pack(planned, `${below}/`)
      }
    }
  }

  *#packLeaf(leaf: PlannedLeaf, name: string): Generator<Buffer, void, void> {
    const numbers = this.#numbers(leaf.metadataOf(leaf.node))
    const first = this.#named.get(leaf)
    const { node } = leaf
    if (first !== undefined) {
      yield encodeHeader(tarHeader({ name, type: 'hardlink', linkname: first, ...numbers, xattrs: noXattrs }))
      return
    }
    if (node.identity !== '') this.#named.set(leaf, name)
    if (node.kind === 'symlink') {
      yield encodeHeader(tarHeader({ name, type: 'symlink', linkname: node.target(), ...numbers, mode: 0o777 }))
    } else if (node.kind === 'special') {
      const { format, number } = node.device
      const { major, minor } = deviceParts(Number(number))
      const type = deviceTypes[format] ?? 'fifo'
      yield encodeHeader(tarHeader({ name, type, devMajor: major, devMinor: minor, ...numbers }))
    } else {
      yield encodeHeader(tarHeader({ name, size: node.size, ...numbers }))
      yield* node.content()
      yield tarEnd.subarray(0, paddingOf(node.size))
    }
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

/** The layer's tar, in an order that depends on names alone. Each piece is good until the next is asked for. */
export function* layerTar({ top }: LayerTarget, { newest, onEntry }: LayerTarOptions): Generator<Buffer, void, void> {
  yield* new Packer(newest, onEntry).pack(top, '')
  yield tarEnd
}
