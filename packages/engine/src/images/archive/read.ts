import { rm } from 'node:fs/promises'
import { posix } from 'node:path'
import {
  type Bytes,
  createLimiter,
  type Descriptor,
  type Digest,
  type ImageSource,
  invalid,
  isDigest,
  type Lease,
  messageOf,
  notFound,
} from '@slipway/core'
import { decompressPieces, readTar, type TarEntry, writeHashed } from '@slipway/store'
import type { ImageRoom } from '../room.ts'
import type { Incoming, Shared } from './speculate.ts'

/** An archive of a hundred images has some thousand entries; each is remembered. */
const mostEntries = 100_000
const mostHops = 10
/** What names the images is held in memory. */
const largestText = 8 * 1024 * 1024
const texts = new Set(['index.json', 'manifest.json', 'oci-layout', 'repositories'])

export interface ArchivedFile {
  readonly digest: Digest
  readonly size: number
}

/** The files of an archive: their bytes are in the content store, under a lease. */
export interface Archive extends ImageSource {
  /** The file of this name, through links. Throws not-found, in docker's words. */
  file(name: string): ArchivedFile
  /** One of the small files that name the images; undefined when it isn't there. Throws invalid for what is no JSON. */
  json(name: string): unknown
  /** By the digest of its bytes; undefined when no file has it. */
  find(digest: Digest): ArchivedFile | undefined
}

interface Found {
  readonly files: ReadonlyMap<string, ArchivedFile>
  readonly links: ReadonlyMap<string, string>
  readonly texts: ReadonlyMap<string, Buffer>
}

const nameOf = ({ header }: TarEntry): string => posix.normalize(`/${header.name.toString('utf8')}`).slice(1)

const readText = async (name: string, { header, body }: TarEntry): Promise<Buffer> => {
  if (header.size > largestText) throw invalid(`${name} is larger than ${largestText} bytes`)
  // Copies: the archive's pieces are gone when the next one is read.
  return Buffer.concat(await Array.fromAsync(body, (piece) => Buffer.from(piece)))
}

/** A blob's name in an OCI layout is its digest. */
const promisedDigest = (name: string): Digest | undefined => {
  const [folder, algorithm, hex, ...rest] = name.split('/')
  const digest = `${algorithm}:${hex}`
  return folder === 'blobs' && rest.length === 0 && isDigest(digest) ? digest : undefined
}

interface Taking {
  readonly lease: Lease
  readonly signal: AbortSignal
  /** Called with each file as it comes. */
  readonly share: (file: Incoming) => Promise<Shared>
}

const keep = async (room: ImageRoom, name: string, { header, body }: TarEntry, { lease, signal, share }: Taking) => {
  const { content } = room.store
  const path = content.scratchPath()
  const promised = promisedDigest(name)
  const shared = await share({ body, size: header.size, promised })
  try {
    const hashed = await writeHashed(path, shared.body, { signal })
    if (promised?.startsWith('sha256:') && promised !== hashed.digest) {
      throw invalid(`digest mismatch: ${name} is ${hashed.digest}`)
    }
    lease.hold({ kind: 'content', name: hashed.digest })
    await room.collector.idle()
    await content.adopt(path, hashed)
    shared.kept(hashed.digest)
    return hashed
  } catch (error) {
    shared.lost(error)
    throw error
  } finally {
    await rm(path, { force: true })
  }
}

/** Files of which the last bytes are still on their way to the disk, while the next is read already. */
const keptAtOnce = 2

/** Reads each body to its end before it asks for the next entry, as a tar wants it; what follows needs not be waited for. */
class Keeping {
  readonly #files = new Map<string, Promise<ArchivedFile>>()
  readonly #limit = createLimiter(keptAtOnce)

  async add(
    name: string,
    { header, body }: TarEntry,
    keepIt: (entry: TarEntry) => Promise<ArchivedFile>,
  ): Promise<void> {
    const { promise: read, resolve } = Promise.withResolvers<void>()
    async function* watched(): AsyncGenerator<Uint8Array> {
      yield* body
      resolve()
    }
    const kept = this.#limit(() => keepIt({ header, body: watched() }))
    kept.catch(() => {})
    this.#files.set(name, kept)
    await Promise.race([read, kept])
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#files.values())
  }

  /** Throws the first failure. */
  async files(): Promise<Map<string, ArchivedFile>> {
    const files = new Map<string, ArchivedFile>()
    for (const [name, file] of this.#files) files.set(name, await file)
    return files
  }
}

const take = async (room: ImageRoom, tar: Bytes, taking: Taking): Promise<Found> => {
  const links = new Map<string, string>()
  const found = new Map<string, Buffer>()
  const keeping = new Keeping()
  let entries = 0
  try {
    for await (const entry of readTar(decompressPieces(tar))) {
      taking.signal.throwIfAborted()
      entries += 1
      if (entries > mostEntries) throw invalid(`the archive has more than ${mostEntries} entries`)
      const name = nameOf(entry)
      const { type, linkname } = entry.header
      if (type === 'symlink') links.set(name, posix.join(posix.dirname(name), linkname.toString('utf8')))
      if (type === 'hardlink') links.set(name, posix.normalize(linkname.toString('utf8')))
      if (type !== 'file') continue
      if (texts.has(name)) found.set(name, await readText(name, entry))
      else await keeping.add(name, entry, (watched) => keep(room, name, watched, taking))
    }
  } finally {
    await keeping.settled()
  }
  if (entries === 0) throw invalid('the archive is empty')
  return { files: await keeping.files(), links, texts: found }
}

/**
 * Takes in all files of an archive in one pass, whatever it is compressed with. Nothing is written under a name that the
 * archive chose. What no image comes to need, the collector takes away.
 */
export const readArchive = async (room: ImageRoom, tar: Bytes, taking: Taking): Promise<Archive> => {
  const found = await take(room, tar, taking)
  const byDigest = new Map([...found.files.values()].map((file) => [file.digest, file]))
  const lookUp = (name: string): ArchivedFile | undefined => {
    let at: string | undefined = posix.normalize(name)
    for (let hops = 0; at !== undefined && hops < mostHops; hops += 1) {
      const file = found.files.get(at)
      if (file !== undefined) return file
      at = found.links.get(at)
    }
    return undefined
  }
  return {
    file(name) {
      const file = lookUp(name)
      if (file === undefined) throw invalid(`invalid archive: it has no ${name.slice(0, 200)}`)
      return file
    },
    json(name) {
      const text = found.texts.get(name)
      if (text === undefined) return undefined
      try {
        return JSON.parse(text.toString('utf8')) as unknown
      } catch (error) {
        throw invalid(`invalid archive: ${name}: ${messageOf(error)}`, error)
      }
    },
    find: (digest) => byDigest.get(digest),
    async resolve() {
      throw notFound('reference', 'of an archive')
    },
    async fetch({ digest }: Descriptor, range) {
      if (!byDigest.has(digest)) throw notFound('blob', digest)
      return room.store.content.read(digest, range)
    },
  }
}
