import { closeSync, constants, openSync, readdirSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { invalid } from '@slipway/core'
import type { Conversation } from '../grpc/client.ts'
import { packet, packetType } from '../messages/fsutil.ts'
import { sessionMethods } from '../messages/session.ts'
import { bytesMessage } from '../messages/worker.ts'
import { typeOfGoMode } from './file-mode.ts'
import { type FirstNames, type SentStat, statPath } from './file-stat.ts'
import type { ClientSession } from './session.ts'

type Packet = Parameters<typeof packet.encode>[0]

/** How much of a file goes into one message. */
const chunkBytes = 1 << 20
/** The disk's answers take longer than the bytes of small files. */
const mostFilesAtOnce = 8

export interface SendOptions {
  /** The number of the client's `--output`, from 0. */
  readonly exporter: number
  readonly signal: AbortSignal
  readonly onBytes?: (total: number) => void
}

const begin = (session: ClientSession, { exporter, signal }: SendOptions): Conversation => {
  if (!session.offers(sessionMethods.fileSend)) throw invalid('the client takes no files in its session')
  return session.client.open(sessionMethods.fileSend, signal, { 'buildkit-attachable-exporter-id': String(exporter) })
}

/** Sends one file: an archive, as `-o type=tar` and its like take it. */
export const sendBytes = async (
  session: ClientSession,
  bytes: AsyncIterable<Uint8Array>,
  options: SendOptions,
): Promise<void> => {
  const conversation = begin(session, options)
  let total = 0
  for await (const data of bytes) {
    total += data.length
    await conversation.send(bytesMessage.encode({ data }))
    options.onBytes?.(total)
  }
  conversation.finish()
  for await (const _ of conversation.messages);
}

/** What is sent stays the stream's until it has left, so each piece has memory of its own, and no more than it needs. */
async function* readPieces(file: FileHandle): AsyncGenerator<Uint8Array> {
  for (let left = (await file.stat()).size; left > 0; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(left, chunkBytes)))
    if (bytesRead === 0) return
    left -= bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** Bytes: a file is read in one go, which takes less time than a promise would. */
const smallBytes = 1 << 16

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** All of a file that has `size` bytes. */
const readWhole = (path: string, size: number): Buffer => {
  const file = openSync(path, flags)
  try {
    const bytes = Buffer.allocUnsafe(size)
    let filled = 0
    for (let read = -1; read !== 0 && filled < size; filled += read)
      read = readSync(file, bytes, filled, size - filled, null)
    return bytes.subarray(0, filled)
  } finally {
    closeSync(file)
  }
}

/** Entries told in one go, and files sent, before others have a turn. */
const mostInOneGo = 100

/**
 * Everything below a directory, each before what is in it, names in the order of their bytes. Devices and sockets are left out.
 */
function* statsBelow(root: string, path = '', seen: FirstNames = new Map()): Generator<SentStat> {
  const names = readdirSync(join(root, path)).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  for (const name of names) {
    const inner = path === '' ? name : `${path}/${name}`
    const stat = statPath(join(root, inner), inner, seen)
    if (stat === undefined) continue
    yield stat
    if (typeOfGoMode(stat.mode) === 'directory') yield* statsBelow(root, inner, seen)
  }
}

/** Sends a directory (fsutil's protocol): all entries are told, and the contents that the client asks for follow. */
export const sendFiles = async (session: ClientSession, root: string, options: SendOptions): Promise<void> => {
  const failing = new AbortController()
  const signal = AbortSignal.any([options.signal, failing.signal])
  const conversation = begin(session, { ...options, signal })
  /** By their numbers; undefined: something that has no contents. */
  const files: ({ readonly path: string; readonly size: number } | undefined)[] = []
  let total = 0
  let inOneGo = 0
  const othersTurn = async (): Promise<void> => {
    inOneGo += 1
    if (inOneGo % mostInOneGo === 0) await setImmediate()
  }
  const send = async (...messages: readonly Packet[]): Promise<void> => {
    const encoded = messages.map((message) => packet.encode(message))
    total += encoded.reduce((sum, bytes) => sum + bytes.length, 0)
    await conversation.send(...encoded)
    options.onBytes?.(total)
  }
  const tell = async (): Promise<void> => {
    let batch: Packet[] = []
    for (const stat of statsBelow(root)) {
      const isFile = typeOfGoMode(stat.mode) === 'file'
      files.push(isFile ? { path: join(root, stat.path), size: stat.size } : undefined)
      batch.push({ type: packetType.stat, stat })
      if (batch.length < mostInOneGo) continue
      await send(...batch)
      batch = []
      await setImmediate()
    }
    await send(...batch, { type: packetType.stat })
  }
  const sendContent = async (id: number): Promise<void> => {
    const told = files[id]
    if (told === undefined) throw invalid(`the client asked for file ${id}, and there is none`)
    const { path, size } = told
    if (size <= smallBytes) {
      const data = readWhole(path, size)
      const end = { type: packetType.data, id }
      await (data.length === 0 ? send(end) : send({ ...end, data }, end))
      return othersTurn()
    }
    await using file = await open(path, flags)
    for await (const data of readPieces(file)) await send({ type: packetType.data, id, data })
    await send({ type: packetType.data, id })
  }
  const sending = new Set<Promise<void>>()
  const begun = (work: Promise<void>): void => {
    const one = work.catch((error) => failing.abort(error)).finally(() => sending.delete(one))
    sending.add(one)
  }
  begun(tell())
  try {
    for await (const message of conversation.messages) {
      const { type, id, data } = packet.decode(message)
      if (type === packetType.request) {
        if (sending.size >= mostFilesAtOnce) await Promise.race(sending)
        begun(sendContent(id))
      } else if (type === packetType.error) throw invalid(`error from receiver: ${Buffer.from(data).toString()}`)
      else if (type === packetType.finished) {
        await Promise.all(sending)
        await send({ type: packetType.finished })
        conversation.finish()
      }
    }
  } catch (error) {
    // That the conversation ended is no news.
    throw failing.signal.aborted ? failing.signal.reason : error
  } finally {
    // Who made the directory takes it away now.
    await Promise.all(sending)
  }
}
