import { invalid, SlipwayError } from '@slipway/core'
import {
  blockSize,
  fields,
  numberField,
  paddingOf,
  type TarHeader,
  type TarType,
  textField,
  verifyChecksum,
} from './header.ts'
import { type PaxRecords, parsePax, paxNanoseconds, paxNumber, xattrsOf } from './pax.ts'
import { type MapReader, oldGnuSparse, type Part, paxSparse, verifySparse } from './sparse.ts'

/** What the parser calls, in the order of the archive: `entry`, then `data` for each piece of its body, then `end`. */
export interface TarSink {
  entry(header: TarHeader): void
  /** A view of the chunk that was pushed: copy what you keep. */
  data(bytes: Buffer): void
  /** So many zeros of a sparse file, for whoever takes such files: perhaps more than any disk holds. */
  hole?(length: number): void
  end(): void
}

export interface TarLimits {
  /** Bytes of one pax header or long name. Default 1 MiB, as in Go's archive/tar. */
  readonly metadata?: number
}

const types: Readonly<Record<string, TarType>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
}

/** Headers that speak about the next one: pax, pax for the whole archive, GNU long name, GNU long link. */
const metadataTypes = 'xgLK'

type Sparse = NonNullable<ReturnType<typeof paxSparse>>

interface MappedFile {
  readonly header: TarHeader
  readonly map: MapReader
}

const isZero = (block: Buffer): boolean => block[0] === 0 && block.every((byte) => byte === 0)
const noRecords: PaxRecords = new Map()
const noXattrs: ReadonlyMap<string, Buffer> = new Map()
const slash = 0x2f

/**
 * A tar reader that is pushed into: synchronous, so that unpacking small files costs no turn of the event loop. Reads
 * v7, ustar, GNU (long names, base-256 numbers) and pax, with GNU's sparse files in all their forms; a sink that can't
 * take those refuses them.
 */
export class TarParser {
  readonly #sink: TarSink
  readonly #maximumMetadata: number
  readonly #partial = Buffer.alloc(blockSize)
  #partialLength = 0
  /** Bytes still to come of the entry's body, of the metadata, and of the padding behind either. */
  #body = 0
  #metadata = 0
  #padding = 0
  #metadataType = ''
  #metadataParts: Buffer[] = []
  #inEntry = false
  #ended = false
  /** A sparse file whose map is being read. */
  #mapped: MappedFile | undefined
  /** Of the sparse file that is being read: what is still to come of the part, and the parts behind it. */
  #part = 0
  #parts: readonly Part[] | undefined
  #position = 0
  #size = 0
  #pax = noRecords
  #longName: Buffer | undefined
  #longLink: Buffer | undefined

  constructor(sink: TarSink, limits: TarLimits = {}) {
    this.#sink = sink
    this.#maximumMetadata = limits.metadata ?? 1 << 20
  }

  /** Takes all of `chunk`. Throws invalid for what is not a tar, and whatever the sink throws. */
  push(chunk: Uint8Array): void {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let at = 0
    while (at < bytes.length && !this.#ended) {
      if (this.#inEntry) at = this.#takeBody(bytes, at)
      else if (this.#metadata > 0) at = this.#takeMetadata(bytes, at)
      else if (this.#padding > 0 && this.#mapped === undefined) at += this.#skipPadding(bytes.length - at)
      else at = this.#takeHeader(bytes, at)
    }
  }

  /** No more comes. Throws invalid when the archive stops in the middle of something. */
  end(): void {
    const isInside = this.#inEntry || this.#mapped !== undefined || this.#metadata > 0 || this.#partialLength > 0
    if (isInside) throw invalid('unexpected EOF in tar archive')
  }

  #takeBody(bytes: Buffer, at: number): number {
    const end = Math.min(at + (this.#parts === undefined ? this.#body : this.#part), bytes.length)
    this.#body -= end - at
    this.#sink.data(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end))
    if (this.#parts !== undefined) this.#advance(end - at)
    if (this.#body === 0) this.#endEntry()
    return end
  }

  /** So much of the part was taken; behind its end lies a hole, up to the next part or the end of the file. */
  #advance(taken: number): void {
    this.#part -= taken
    this.#position += taken
    while (this.#part === 0 && this.#parts !== undefined && this.#position < this.#size) {
      const [next, ...rest] = this.#parts
      const start = next?.offset ?? this.#size
      if (start > this.#position) this.#sink.hole?.(start - this.#position)
      this.#position = start
      this.#part = next?.length ?? 0
      this.#parts = rest
    }
  }

  #endEntry(): void {
    this.#inEntry = false
    this.#parts = undefined
    this.#sink.end()
  }

  #takeMetadata(bytes: Buffer, at: number): number {
    const end = Math.min(at + this.#metadata, bytes.length)
    this.#metadata -= end - at
    if (this.#metadataType !== 'g') this.#metadataParts.push(Buffer.from(bytes.subarray(at, end)))
    if (this.#metadata === 0) this.#useMetadata()
    return end
  }

  #useMetadata(): void {
    const body = Buffer.concat(this.#metadataParts)
    this.#metadataParts = []
    if (this.#metadataType === 'x') this.#pax = parsePax(body)
    const end = body.indexOf(0)
    const text = end === -1 ? body : body.subarray(0, end)
    if (this.#metadataType === 'L') this.#longName = text
    if (this.#metadataType === 'K') this.#longLink = text
  }

  #skipPadding(available: number): number {
    const skipped = Math.min(available, this.#padding)
    this.#padding -= skipped
    return skipped
  }

  #takeHeader(bytes: Buffer, at: number): number {
    if (this.#partialLength === 0 && bytes.length - at >= blockSize) {
      this.#header(bytes.subarray(at, at + blockSize))
      return at + blockSize
    }
    const copied = bytes.copy(this.#partial, this.#partialLength, at)
    this.#partialLength += copied
    if (this.#partialLength === blockSize) {
      this.#partialLength = 0
      this.#header(this.#partial)
    }
    return at + copied
  }

  #header(block: Buffer): void {
    // Two zero blocks end an archive; GNU tar and Go stop at the first one that isn't followed by a header, we at the first.
    if (this.#mapped === undefined && isZero(block)) {
      this.#ended = true
      return
    }
    if (this.#mapped !== undefined) {
      this.#takeMap(this.#mapped, block)
      return
    }
    verifyChecksum(block)
    const flag = block.toString('latin1', fields.type[0], fields.type[0] + 1)
    if (metadataTypes.includes(flag)) this.#beginMetadata(flag, numberField(block, fields.size))
    else this.#beginEntry(this.#decode(block, flag), this.#sparse(block, flag))
  }

  #sparse(block: Buffer, flag: string): Sparse | undefined {
    const most = this.#maximumMetadata
    const sparse = flag === 'S' ? oldGnuSparse(block, most) : paxSparse(this.#pax, most)
    if (sparse !== undefined && this.#sink.hole === undefined) {
      throw new SlipwayError('unsupported', 'sparse files in tar archives are not supported here')
    }
    return sparse
  }

  #takeMap({ header, map }: MappedFile, block: Buffer): void {
    if (map.isBody) this.#body -= blockSize
    if (this.#body < 0) throw invalid('unexpected EOF in tar archive')
    const parts = map.add(block)
    if (parts === undefined) return
    this.#mapped = undefined
    this.#beginSparse(header, parts)
  }

  #beginSparse(header: TarHeader, parts: readonly Part[]): void {
    verifySparse({ size: header.size, parts }, this.#body)
    this.#inEntry = true
    this.#sink.entry(header)
    this.#parts = parts
    this.#part = 0
    this.#position = 0
    this.#size = header.size
    this.#advance(0)
    if (this.#body === 0) this.#endEntry()
  }

  #beginMetadata(flag: string, size: number): void {
    if (size < 0 || size > this.#maximumMetadata) throw invalid('invalid tar header: extended header too large')
    this.#metadataType = flag
    this.#metadata = size
    this.#padding = paddingOf(size)
    if (size === 0) this.#useMetadata()
  }

  #beginEntry(header: TarHeader, sparse: Sparse | undefined): void {
    this.#pax = noRecords
    this.#longName = undefined
    this.#longLink = undefined
    this.#body = header.size
    this.#padding = paddingOf(header.size)
    if (sparse !== undefined && header.type === 'file') {
      const whole = { ...header, size: sparse.size }
      if ('add' in sparse.parts) this.#mapped = { header: whole, map: sparse.parts }
      else this.#beginSparse(whole, sparse.parts)
      return
    }
    this.#inEntry = true
    this.#sink.entry(header)
    if (header.size === 0) this.#endEntry()
  }

  #decode(block: Buffer, flag: string): TarHeader {
    const pax = this.#pax
    const name = this.#name(block)
    const known = types[flag]
    if (known === undefined) throw invalid(`unhandled tar header type ${block[fields.type[0]]}`)
    // Before ustar a directory was a file whose name ends in a slash.
    const type = known === 'file' && name.at(-1) === slash ? 'directory' : known
    const size = paxNumber(pax, 'size') ?? numberField(block, fields.size)
    if (size < 0 || !Number.isSafeInteger(size)) throw invalid('invalid tar header: bad size')
    const isDevice = type === 'char' || type === 'block'
    return {
      name,
      type,
      mode: numberField(block, fields.mode) & 0o7777,
      uid: Math.trunc(paxNumber(pax, 'uid') ?? numberField(block, fields.uid)),
      gid: Math.trunc(paxNumber(pax, 'gid') ?? numberField(block, fields.gid)),
      size: type === 'file' ? size : 0,
      mtime: paxNumber(pax, 'mtime') ?? numberField(block, fields.mtime),
      ...(pax === noRecords ? {} : exactTime(pax)),
      linkname: this.#linkname(block),
      devMajor: isDevice ? numberField(block, fields.devMajor) : 0,
      devMinor: isDevice ? numberField(block, fields.devMinor) : 0,
      xattrs: pax === noRecords ? noXattrs : xattrsOf(pax),
    }
  }

  #name(block: Buffer): Buffer {
    const long = this.#pax.get('GNU.sparse.name') ?? this.#pax.get('path') ?? this.#longName
    if (long !== undefined && long.length > 0) return refuseNul(Buffer.from(long))
    const name = textField(block, fields.name)
    // GNU's magic is "ustar  \0": its headers hold other things where ustar's prefix lies.
    const isUstar = block.toString('latin1', fields.magic[0], fields.magic[0] + 6) === 'ustar\0'
    const prefix = isUstar ? textField(block, fields.prefix) : undefined
    if (prefix === undefined || prefix.length === 0) return Buffer.from(name)
    return Buffer.concat([prefix, Buffer.from('/'), name])
  }

  #linkname(block: Buffer): Buffer {
    const long = this.#pax.get('linkpath') ?? this.#longLink
    if (long !== undefined && long.length > 0) return refuseNul(Buffer.from(long))
    return Buffer.from(textField(block, fields.linkname))
  }
}

const exactTime = (pax: PaxRecords): Pick<TarHeader, 'mtimeNs'> => {
  const mtimeNs = paxNanoseconds(pax, 'mtime')
  return mtimeNs === undefined ? {} : { mtimeNs }
}

const refuseNul = (name: Buffer): Buffer => {
  if (name.includes(0)) throw invalid('invalid tar header: NUL in a name')
  return name
}
