import { closeSync, constants, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { invalid } from '@slipway/core'
import type { Call, Incoming, Methods } from '../grpc/method.ts'
import { GrpcError, grpcCode } from '../grpc/status.ts'
import { encodeData, packet, packetType } from '../messages/fsutil.ts'
import { sessionMethods } from '../messages/session.ts'
import { typeOfGoMode } from '../session/file-mode.ts'
import type { SentStat } from '../session/file-stat.ts'
import { followPaths } from './follow.ts'
import { listDirectory, type Wanted } from './list.ts'
import { problemOf } from './problem.ts'

/** How much of a file goes into one message. */
const chunkBytes = 256 << 10
const smallBytes = 64 << 10
/** So many entries are told, and so many bytes of small files are sent, at a time. */
const entriesAtOnce = 512
const bytesAtOnce = 1 << 20

type Metadata = Call['metadata']

/** Values that aren't ASCII are escaped, and a second header says so. */
const valuesOf = (metadata: Metadata, name: string): readonly string[] => {
  const values = metadata[name] ?? []
  if (metadata[`${name}-encoded`] === undefined) return values
  return values.map((value) => decodeURIComponent(value.replaceAll('+', ' ')))
}

const wantedOf = (root: string, metadata: Metadata): Wanted => {
  const follow = valuesOf(metadata, 'followpaths')
  const include = valuesOf(metadata, 'include-patterns')
  const followed = follow.length === 0 ? [] : followPaths(root, follow)
  const isAll = follow.length > 0 && followed.length === 0
  return { include: isAll ? [] : [...include, ...followed], exclude: valuesOf(metadata, 'exclude-patterns') }
}

/** A file that has become a symlink is not followed. */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW

const scratch = Buffer.allocUnsafeSlow(smallBytes)

/**
 * A small file and its end, as messages. At once: to wait for each step of it takes ten times as long as such a file does. It
 * may have grown.
 */
const readSmall = (path: string, id: number, into: Uint8Array[]): void => {
  const file = openSync(path, openFlags)
  try {
    for (;;) {
      const length = readSync(file, scratch, 0, smallBytes, null)
      if (length > 0) into.push(encodeData(id, scratch.subarray(0, length)))
      if (length < smallBytes) break
    }
  } finally {
    closeSync(file)
  }
  into.push(encodeData(id))
}

async function* readLarge(path: string): AsyncGenerator<Buffer> {
  await using file = await open(path, openFlags)
  const next = () => file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, null)
  let reading = next()
  for (;;) {
    const { bytesRead, buffer } = await reading
    if (bytesRead === 0) return
    // The next piece is read while this one is sent.
    reading = next()
    reading.catch(() => undefined)
    yield buffer.subarray(0, bytesRead)
  }
}

class Sender {
  readonly #root: string
  /** By their numbers; null: not a file with a content of its own. */
  readonly #files: (SentStat | null)[] = []

  constructor(root: string) {
    this.#root = root
  }

  *tell(wanted: Wanted): Generator<readonly Uint8Array[]> {
    let batch: Uint8Array[] = []
    for (const stat of listDirectory(this.#root, wanted)) {
      this.#files.push(typeOfGoMode(stat.mode) === 'file' && stat.linkname === '' ? stat : null)
      batch.push(packet.encode({ type: packetType.stat, stat }))
      if (batch.length < entriesAtOnce) continue
      yield batch
      batch = []
    }
    yield [...batch, packet.encode({ type: packetType.stat })]
  }

  /** What one number after the other asks for, many small files together; the end of each is a message without content. */
  async *contents(ids: readonly number[]): AsyncGenerator<readonly Uint8Array[]> {
    let batch: Uint8Array[] = []
    let bytes = 0
    for (const id of ids) {
      const file = this.#files[id]
      if (file === undefined || file === null) throw invalid(`invalid file id ${id}`)
      const path = join(this.#root, file.path)
      if (file.size < smallBytes) {
        readSmall(path, id, batch)
        bytes += file.size
        if (bytes < bytesAtOnce) continue
      }
      if (batch.length > 0) yield batch
      batch = []
      bytes = 0
      if (file.size < smallBytes) continue
      for await (const data of readLarge(path)) yield [encodeData(id, data)]
      yield [encodeData(id)]
    }
    if (batch.length > 0) yield batch
  }
}

/** Tells all entries, sends the contents that are asked for, and ends when the daemon does. */
async function* send(root: string, messages: Incoming, { metadata }: Call): AsyncGenerator<readonly Uint8Array[]> {
  try {
    const sender = new Sender(root)
    yield* sender.tell(wantedOf(root, metadata))
    for await (const batch of messages.batches) {
      const asked = batch.map((message) => packet.decode(message))
      const failure = asked.find(({ type }) => type === packetType.error)
      if (failure !== undefined) throw invalid(`error from receiver: ${Buffer.from(failure.data).toString()}`)
      yield* sender.contents(asked.filter(({ type }) => type === packetType.request).map(({ id }) => id))
      if (!asked.some(({ type }) => type === packetType.finished)) continue
      yield [packet.encode({ type: packetType.finished })]
      return
    }
  } catch (error) {
    yield [packet.encode({ type: packetType.error, data: Buffer.from(problemOf(error)) })]
    throw error
  }
}

/** Offers directories by name (fsutil's protocol); `roots` are absolute and have no symlink in them. */
export const offerFiles = (roots: ReadonlyMap<string, string>): Methods => ({
  [sessionMethods.fileSync]: (messages, call) => {
    const [name = ''] = valuesOf(call.metadata, 'dir-name')
    const root = roots.get(name)
    if (root === undefined) throw new GrpcError(grpcCode.notFound, `no access allowed to dir ${JSON.stringify(name)}`)
    return send(root, messages, call)
  },
})
