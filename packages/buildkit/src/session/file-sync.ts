import { invalid } from '@slipway/core'
import type { Conversation, Metadata } from '../grpc/client.ts'
import { packet, packetType, type Stat } from '../messages/fsutil.ts'
import { sessionMethods } from '../messages/session.ts'
import type { ClientSession } from './session.ts'

/** What takes the files of a directory. Entries are counted from 0 in the order they come. */
export interface FileSink {
  /**
   * Asked first: true when it knows this entry from elsewhere, by the bytes in which it was written, and wants nothing of it.
   * They lie in `bytes` from `start` to `end`, and are good until it returns.
   */
  isKnown?(bytes: Buffer, start: number, end: number): boolean
  /** True: its content is wanted. `written` is for `isKnown()`, the next time. */
  entry(stat: Stat, written: Buffer): boolean
  /** The bytes are good until it returns. The client waits for a promise. */
  data(id: number, bytes: Uint8Array): Promise<void> | undefined
  end(id: number): void
}

export interface FilesWanted {
  /** The client's name for it: `context`, `dockerfile`. */
  readonly directory: string
  /** Only these, and what their symlinks lead to; undefined: everything. */
  readonly follow?: readonly string[] | undefined
  readonly exclude?: readonly string[]
  readonly include?: readonly string[]
  /** Told of every so many bytes that come. */
  readonly onBytes?: (total: number) => void
}

/** Header values are ASCII: others are escaped, and a second header says so. */
const listHeader = (name: string, values: readonly string[]): Metadata => {
  if (values.length === 0) return {}
  const isAscii = values.every((value) => /^[\x20-\x7e]*$/.test(value))
  if (isAscii) return { [name]: values }
  // Go's url.QueryEscape.
  const escaped = values.map((value) => encodeURIComponent(value).replace(/%20/g, '+'))
  return { [name]: escaped, [`${name}-encoded`]: '1' }
}

const metadataOf = ({ directory, follow, exclude = [], include = [] }: FilesWanted): Metadata => ({
  ...listHeader('dir-name', [directory]),
  ...listHeader('include-patterns', include),
  ...listHeader('exclude-patterns', exclude),
  ...listHeader('followpaths', follow ?? []),
})

/**
 * Receives a directory of the client (fsutil's protocol): it tells of every entry; contents are sent for those that are
 * asked for, mixed with the entries that come later. Throws what the client says went wrong.
 */
export const receiveFiles = async (
  session: ClientSession,
  wanted: FilesWanted,
  sink: FileSink,
  signal: AbortSignal,
): Promise<void> => {
  if (!session.offers(sessionMethods.fileSync)) throw invalid('the client offers no files in its session')
  const conversation = session.client.open(sessionMethods.fileSync, signal, metadataOf(wanted))
  await new Receiver(conversation, sink, wanted.onBytes).run()
}

/** A packet begins with its type, but for the type of entries, which is 0: with the entry, field 2. */
const statTag = 0x12

class Receiver {
  readonly #conversation: Conversation
  readonly #sink: FileSink
  readonly #onBytes: ((total: number) => void) | undefined
  #entries = 0
  #pending = 0
  #isListed = false
  #isFinished = false
  #bytes = 0
  /** What is still to be asked for. */
  #requests: Uint8Array[] = []

  constructor(conversation: Conversation, sink: FileSink, onBytes: FilesWanted['onBytes']) {
    this.#conversation = conversation
    this.#sink = sink
    this.#onBytes = onBytes
  }

  async run(): Promise<void> {
    await this.#conversation.receive({
      message: (bytes, start, end) => {
        this.#bytes += end - start
        return this.#take(bytes, start, end)
      },
      idle: () => {
        this.#onBytes?.(this.#bytes)
        return this.#answer()
      },
    })
    if (!this.#isFinished) throw invalid('the client stopped sending its files')
  }

  #take(bytes: Buffer, start: number, end: number): Promise<void> | undefined {
    // Thirty thousand entries may be the same as last time.
    if (end > start && bytes[start] === statTag && this.#sink.isKnown?.(bytes, start, end) === true) {
      this.#entries += 1
      return undefined
    }
    const message = bytes.subarray(start, end)
    const { type, stat, id, data } = packet.decode(message)
    if (type === packetType.stat) this.#entry(stat, message)
    if (type === packetType.data) return this.#data(id, data)
    if (type === packetType.error) throw invalid(`error from sender: ${Buffer.from(data).toString()}`)
    if (type === packetType.finished) this.#conversation.finish()
    return undefined
  }

  #entry(stat: Stat | undefined, written: Buffer): void {
    if (stat === undefined) {
      this.#isListed = true
      return
    }
    const id = this.#entries
    this.#entries += 1
    if (!this.#sink.entry(stat, written)) return
    this.#pending += 1
    this.#requests.push(packet.encode({ type: packetType.request, id }))
  }

  #answer(): Promise<void> | undefined {
    const isComplete = this.#isListed && this.#pending === 0 && !this.#isFinished
    if (isComplete) {
      this.#isFinished = true
      this.#requests.push(packet.encode({ type: packetType.finished }))
    }
    if (this.#requests.length === 0) return undefined
    const requests = this.#requests
    this.#requests = []
    return this.#conversation.send(...requests)
  }

  #data(id: number, data: Uint8Array): Promise<void> | undefined {
    if (data.length > 0) return this.#sink.data(id, data)
    this.#sink.end(id)
    this.#pending -= 1
    return undefined
  }
}

/** Small files of one directory, by path: a Dockerfile and its like. Those over `most` bytes are refused. */
export const receiveTexts = async (
  session: ClientSession,
  wanted: FilesWanted,
  most: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> => {
  const stats: Stat[] = []
  const parts = new Map<number, Uint8Array[]>()
  await receiveFiles(
    session,
    wanted,
    {
      entry(stat) {
        stats.push(stat)
        const isFile = stat.mode >>> 9 === 0 && stat.linkname === ''
        if (isFile && stat.size > most) throw invalid(`${stat.path} is larger than ${most} bytes`)
        if (isFile) parts.set(stats.length - 1, [])
        return isFile && stat.size > 0
      },
      data(id, bytes) {
        parts.get(id)?.push(Buffer.from(bytes))
        return undefined
      },
      end: () => undefined,
    },
    signal,
  )
  const texts = new Map(
    [...parts].map(([id, chunks]) => [stats[id]?.path ?? '', Buffer.concat(chunks).toString()] as const),
  )
  // A link to another of the files: the client follows it, and sends both.
  for (const { path, linkname } of stats) {
    const target = linkname === '' ? undefined : texts.get(linkname)
    if (target !== undefined) texts.set(path, target)
  }
  return texts
}
