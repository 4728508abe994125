import { createReadStream, type Stats } from 'node:fs'
import { readFile, readlink } from 'node:fs/promises'
import { SlipwayError } from '@slipway/core'
import { encodeHeader, endOfArchive, padding, type TarMember, type TarType } from './tar-header.ts'
import { type ContextFile, walkContext } from './walk.ts'

/** Files up to here are read ahead in one piece; longer ones are streamed. */
const smallFile = 256 * 1024
const readAhead = 16
const chunkLength = 128 * 1024

export interface TarContextOptions {
  /** Lines of a .dockerignore. */
  readonly ignore?: readonly string[]
  /** Files that stand in for those of the same path, or come after all others. */
  readonly extra?: Readonly<Record<string, string | Uint8Array>>
}

export interface TarFilesOptions extends Pick<TarContextOptions, 'extra'> {
  /** Says whose the files are; otherwise they are root's. */
  readonly owners?: boolean
}

const typeOf = (stats: Stats): TarType | undefined => {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  if (stats.isSymbolicLink()) return 'symlink'
  if (stats.isFIFO()) return 'fifo'
  if (stats.isCharacterDevice()) return 'character'
  return stats.isBlockDevice() ? 'block' : undefined
}

/** Linux's split of a device number into its two halves. */
const deviceOf = (rdev: number): { readonly major: number; readonly minor: number } => {
  const number = BigInt(rdev)
  return {
    major: Number(((number >> 8n) & 0xfffn) | ((number >> 32n) & ~0xfffn)),
    minor: Number((number & 0xffn) | ((number >> 12n) & ~0xffn)),
  }
}

interface Prepared {
  readonly file: ContextFile
  readonly member: TarMember
  readonly content: Uint8Array | undefined
}

const prepare = async (
  file: ContextFile,
  { linkTo, owners }: { readonly linkTo: string | undefined; readonly owners: boolean },
): Promise<Prepared | undefined> => {
  const { stats, absolute } = file
  const type = linkTo === undefined ? typeOf(stats) : 'hardlink'
  // Sockets can't be in an archive, and mean nothing in an image.
  if (type === undefined) return undefined
  const linkname = type === 'symlink' ? await readlink(absolute) : linkTo
  const content = type === 'file' && stats.size <= smallFile ? await readFile(absolute) : undefined
  const size = type === 'file' ? (content?.length ?? stats.size) : 0
  const member: TarMember = {
    path: type === 'directory' ? `${file.path}/` : file.path,
    type,
    mode: stats.mode,
    size,
    mtime: Math.floor(stats.mtimeMs / 1000),
    ...(owners ? { owner: { uid: stats.uid, gid: stats.gid } } : {}),
    ...(linkname === undefined ? {} : { linkname }),
    ...(type === 'character' || type === 'block' ? { device: deviceOf(stats.rdev) } : {}),
  }
  return { file, member, content }
}

/** Exactly `size` bytes, whatever happens to the file meanwhile. */
async function* readExactly(path: string, size: number): AsyncIterable<Uint8Array> {
  let left = size
  for await (const chunk of createReadStream(path, { end: size - 1, highWaterMark: chunkLength })) {
    left -= (chunk as Buffer).length
    yield chunk as Buffer
  }
  if (left > 0) throw new SlipwayError('conflict', `${path} became shorter while it was sent`)
}

const extraMember = (path: string, content: Uint8Array): TarMember => ({
  path,
  type: 'file',
  mode: 0o600,
  size: content.length,
  mtime: 0,
})

const withContent = (member: TarMember, content: Uint8Array): readonly Uint8Array[] => [
  encodeHeader(member),
  content,
  padding(content.length),
]

async function* emit({ file, member, content }: Prepared): AsyncIterable<Uint8Array> {
  if (content !== undefined) yield* withContent(member, content)
  else {
    yield encodeHeader(member)
    if (member.size > 0) {
      yield* readExactly(file.absolute, member.size)
      yield padding(member.size)
    }
  }
}

async function* members(
  files: AsyncIterable<ContextFile>,
  { extra = {}, owners = false }: TarFilesOptions,
): AsyncIterable<Uint8Array> {
  const seen = new Map<string, string>()
  const queue: Promise<Prepared | undefined>[] = []
  const next = async function* (): AsyncIterable<Uint8Array> {
    const prepared = await queue.shift()
    if (prepared !== undefined) yield* emit(prepared)
  }
  for await (const file of files) {
    if (Object.hasOwn(extra, file.path)) continue
    const { dev, ino, nlink } = file.stats
    const inode = file.stats.isFile() && nlink > 1 ? `${dev}:${ino}` : undefined
    const linkTo = inode === undefined ? undefined : seen.get(inode)
    if (inode !== undefined && linkTo === undefined) seen.set(inode, file.path)
    const prepared = prepare(file, { linkTo, owners })
    prepared.catch(() => undefined)
    queue.push(prepared)
    if (queue.length >= readAhead) yield* next()
  }
  while (queue.length > 0) yield* next()
  for (const [path, text] of Object.entries(extra)) {
    const content = typeof text === 'string' ? Buffer.from(text) : text
    yield* withContent(extraMember(path, content), content)
  }
  yield endOfArchive
}

/** Small pieces put together: a tar of many small files is many tiny buffers otherwise, and each would be a write. */
async function* inChunks(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let held: Uint8Array[] = []
  let size = 0
  for await (const piece of source) {
    held.push(piece)
    size += piece.length
    if (size < chunkLength) continue
    yield Buffer.concat(held, size)
    held = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(held, size)
}

/**
 * The directory as a tar that depends only on what is in it: a fixed order, root as the owner, whole seconds. Ignored
 * files are left out, hard links within it stay links.
 */
export const tarContext = (root: string, options: TarContextOptions = {}): AsyncIterable<Uint8Array> =>
  packFiles(walkContext(root, options.ignore ?? []), options)

/** These files as a tar, in their order; each is read when its turn comes. */
export const packFiles = (
  files: AsyncIterable<ContextFile>,
  options: TarFilesOptions = {},
): AsyncIterable<Uint8Array> => inChunks(members(files, options))

/** A tar of nothing but these files. */
export async function* tarFiles(files: Readonly<Record<string, string | Uint8Array>>): AsyncIterable<Uint8Array> {
  for (const [path, text] of Object.entries(files)) {
    const content = typeof text === 'string' ? Buffer.from(text) : text
    yield* withContent(extraMember(path, content), content)
  }
  yield endOfArchive
}
