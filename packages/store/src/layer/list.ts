import { createHash, type Hash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { type Compression, finishDigest } from '@slipway/core'
import { decompressPieces } from '../compress/decompress.ts'
import { filePieces } from '../content/file-pieces.ts'
import type { TarHeader, TarType } from '../tar/header.ts'
import { TarParser, type TarSink } from '../tar/parse.ts'
import type { JobContext } from '../workers/job.ts'
import { streamJob } from '../workers/run.ts'
import { cleanName, splitLast, toText } from './file-name.ts'
import { readWhiteout } from './whiteout.ts'

/** One thing that a layer says: here is a file, or there is none any more. */
export interface ListedFile {
  /** Absolute, as seen inside the container. */
  readonly path: string
  /** `deleted`: of the layers below; `opaque`: all that the layers below have in this directory is deleted. */
  readonly type: TarType | 'deleted' | 'opaque'
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** Bytes of a file. */
  readonly size?: number
  /** Where a symlink leads, or the absolute path of the file that a hard link is. */
  readonly link?: string
  /** Of a file's bytes. */
  readonly digest?: string
}

export interface ListLayer {
  readonly path: string
  readonly compression?: Compression | undefined
}

/** Says each entry of a layer's tar as a line of JSON. */
class Lister implements TarSink {
  readonly #write: (line: string) => void
  #header: TarHeader | undefined
  #hash: Hash | undefined

  constructor(write: (line: string) => void) {
    this.#write = write
  }

  entry(header: TarHeader): void {
    this.#header = header
    this.#hash = header.type === 'file' ? createHash('sha256') : undefined
  }

  data(bytes: Buffer): void {
    this.#hash?.update(bytes)
  }

  end(): void {
    const file = this.#header === undefined ? undefined : describe(this.#header, this.#hash)
    if (file !== undefined) this.#write(`${JSON.stringify(file)}\n`)
  }
}

const absolute = (name: Buffer): string => `/${toText(cleanName(name.toString('latin1')) ?? '')}`

const describe = (header: TarHeader, hash: Hash | undefined): ListedFile | undefined => {
  const name = cleanName(header.name.toString('latin1'))
  if (name === undefined || name === '') return undefined
  const { parent, name: last } = splitLast(name)
  const whiteout = readWhiteout(last)
  if (whiteout?.kind === 'ignored') return undefined
  if (whiteout?.kind === 'opaque') return { path: `/${toText(parent)}`, type: 'opaque' }
  if (whiteout?.kind === 'file') {
    return { path: `/${toText(parent === '' ? whiteout.name : `${parent}/${whiteout.name}`)}`, type: 'deleted' }
  }
  const { type, mode, uid, gid, size, linkname } = header
  return {
    path: `/${toText(name)}`,
    type,
    mode,
    uid,
    gid,
    ...(type === 'file' ? { size } : {}),
    ...(type === 'symlink' ? { link: linkname.toString() } : {}),
    ...(type === 'hardlink' ? { link: absolute(linkname) } : {}),
    ...(hash === undefined ? {} : { digest: finishDigest(hash) }),
  }
}

/** A worker's job: streams what is in a layer, a line of JSON for each of its entries. */
export const listLayerFiles = async ({ path, compression }: ListLayer, { sink, signal }: JobContext): Promise<void> => {
  const parser = new TarParser(new Lister((line) => sink.append(Buffer.from(line))))
  for await (const chunk of decompressPieces(filePieces(path), { compression })) {
    signal.throwIfAborted()
    parser.push(chunk)
    if (sink.full) await sink.ready()
  }
  parser.end()
  sink.end()
}

/** What is in a layer's file, each entry as a `ListedFile` on a line of JSON. Fails with invalid when it is no layer. */
export const listLayer = (layer: ListLayer, { signal }: { readonly signal?: AbortSignal } = {}): Readable =>
  streamJob('listLayerFiles', layer, { signal })
