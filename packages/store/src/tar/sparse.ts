import { invalid } from '@slipway/core'
import { blockSize, numberField } from './header.ts'
import { type PaxRecords, paxNumber } from './pax.ts'

/** A part of a sparse file that holds data. Between the parts are holes. */
export interface Part {
  readonly offset: number
  readonly length: number
}

export interface SparseFile {
  /** Of the file, holes included. */
  readonly size: number
  readonly parts: readonly Part[]
}

const malformed = () => invalid('invalid tar header: malformed map of a sparse file')

/** Throws invalid unless the parts follow one another inside the file, and hold as many bytes as the archive has of them. */
export const verifySparse = ({ size, parts }: SparseFile, archived: number): void => {
  let end = 0
  let sum = 0
  for (const { offset, length } of parts) {
    if (offset < end || length < 0 || !Number.isSafeInteger(offset + length)) throw malformed()
    end = offset + length
    sum += length
  }
  if (end > size || sum !== archived || !Number.isSafeInteger(size)) throw malformed()
}

/** Takes the blocks that a map fills, in front of the file's data. */
export interface MapReader {
  /** Returns what it has found once the map is complete. */
  add(block: Buffer): readonly Part[] | undefined
  /** The blocks count as the entry's body. */
  readonly isBody: boolean
}

const partSize = 24
/** GNU's old form (type S): four parts in the header itself, at 386; then 21 in each block while the one before says so. */
const inHeader = { offset: 386, count: 4, more: 482 } as const
const inBlock = { offset: 0, count: 21, more: 504 } as const
const realSize = [483, 12] as const

const partsIn = (block: Buffer, { offset, count }: typeof inHeader | typeof inBlock): readonly Part[] => {
  const parts: Part[] = []
  for (let at = offset; at < offset + count * partSize && block[at] !== 0; at += partSize) {
    parts.push({ offset: numberField(block, [at, 12]), length: numberField(block, [at + 12, 12]) })
  }
  return parts
}

/** What a header of type S says: the file's size, and either all its parts or what reads the rest of them. */
export const oldGnuSparse = (
  header: Buffer,
  mostBytes: number,
): { readonly size: number; readonly parts: readonly Part[] | MapReader } => {
  const size = numberField(header, realSize)
  const parts = [...partsIn(header, inHeader)]
  if (header[inHeader.more] === 0) return { size, parts }
  const add = (block: Buffer): readonly Part[] | undefined => {
    parts.push(...partsIn(block, inBlock))
    if (parts.length * partSize > mostBytes) throw malformed()
    return block[inBlock.more] === 0 ? parts : undefined
  }
  return { size, parts: { isBody: false, add } }
}

/** GNU's pax forms: 0.0 and 0.1 have the map in a record, 1.0 in front of the data. Undefined for a file that isn't sparse. */
export const paxSparse = (
  records: PaxRecords,
  mostBytes: number,
): { readonly size: number; readonly parts: readonly Part[] | MapReader } | undefined => {
  const map = records.get('GNU.sparse.map')
  const isInFront = paxNumber(records, 'GNU.sparse.major') === 1
  if (map === undefined && !isInFront) return undefined
  const size = paxNumber(records, 'GNU.sparse.realsize') ?? paxNumber(records, 'GNU.sparse.size')
  if (size === undefined) throw malformed()
  if (!isInFront) return { size, parts: pairsOf(numbersOf(map?.toString('latin1').split(',') ?? [])) }
  return { size, parts: new TextMap(mostBytes) }
}

const numbersOf = (texts: readonly string[]): readonly number[] =>
  texts.map((text) => {
    if (!/^[0-9]{1,16}$/.test(text)) throw malformed()
    return Number(text)
  })

const pairsOf = (numbers: readonly number[]): readonly Part[] => {
  if (numbers.length % 2 !== 0) throw malformed()
  return Array.from({ length: numbers.length / 2 }, (_, at) => ({
    offset: numbers[at * 2] as number,
    length: numbers[at * 2 + 1] as number,
  }))
}

/** Form 1.0: how many parts, then offset and length of each, a line each, filled up to a block. */
class TextMap implements MapReader {
  readonly isBody = true
  readonly #mostBytes: number
  #text = ''
  #lines = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  add(block: Buffer): readonly Part[] | undefined {
    this.#text += block.toString('latin1', 0, blockSize)
    if (this.#text.length > this.#mostBytes) throw malformed()
    for (const byte of block) if (byte === 0x0a) this.#lines += 1
    if (this.#lines === 0) return undefined
    const [count = 0] = numbersOf([this.#text.slice(0, this.#text.indexOf('\n'))])
    if (this.#lines < 1 + count * 2) return undefined
    return pairsOf(numbersOf(this.#text.split('\n').slice(1, 1 + count * 2)))
  }
}
