import { type FileHandle, open } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type ByteRange, hasCode, hasErrno, notFound } from '@slipway/core'
import { expectSequentialReads } from '@slipway/linux'
import { type BlobRow, findBlob } from '../metadata/blobs.ts'
import type { Registry } from '../registry.ts'
import type { BlobStorage, HasObjectFiles } from '../storage/storage.ts'
import { ociError } from './oci-error.ts'
import type { ClosedRange } from './range.ts'
import { sendFileParts } from './send-file.ts'

/** A piece of an answer's body: text as it is, or bytes of the blob. */
export type Part = string | ClosedRange

/** Reads bytes of what was opened; of the first part that is asked for it is known that they are there. */
type Read = (range: ByteRange) => Promise<Readable>

/** A body that is about to be sent. It is opened before the head goes out: what isn't there must become a 404. */
export interface Body extends AsyncDisposable {
  send(response: ServerResponse): Promise<void>
}

const isEmpty = ({ start, end }: ClosedRange): boolean => end < start

const stream = async (response: ServerResponse, read: Read, parts: readonly Part[]): Promise<void> => {
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      if (typeof part === 'string') yield Buffer.from(part)
      else if (!isEmpty(part)) yield* (await read(part)) as AsyncIterable<Uint8Array>
    }
  }
  await pipeline(Readable.from(bytes(), { objectMode: false }), response)
}

const readSize = 1 << 18

const fileBody = (file: FileHandle, parts: readonly Part[]): Body => {
  if (parts.length === 1) expectSequentialReads(file.fd)
  const read: Read = async (range) =>
    file.createReadStream({ ...range, highWaterMark: readSize, autoClose: false, emitClose: false })
  return {
    send: async (response) => {
      if (!(await sendFileParts(response, file, parts))) await stream(response, read, parts)
    },
    [Symbol.asyncDispose]: () => file.close(),
  }
}

const streamBody = async (storage: BlobStorage, key: string, parts: readonly Part[]): Promise<Body> => {
  const first = parts.find((part) => typeof part !== 'string' && !isEmpty(part)) as ClosedRange | undefined
  let opened = await (first && storage.read(key, first))
  const read: Read = async (range) => {
    const bytes = range === first ? opened : undefined
    opened = undefined
    return bytes ?? storage.read(key, range)
  }
  return {
    send: (response) => stream(response, read, parts),
    [Symbol.asyncDispose]: async () => void opened?.destroy(),
  }
}

const openObject = async (
  storage: BlobStorage & Partial<HasObjectFiles>,
  key: string,
  parts: readonly Part[],
): Promise<Body> => {
  const path = storage.pathOf?.(key)
  if (path === undefined) return streamBody(storage, key, parts)
  try {
    return fileBody(await open(path), parts)
  } catch (error) {
    throw hasErrno(error, 'ENOENT') ? notFound('object', key) : error
  }
}

/** Opens parts of a blob. One that was collected, and pushed again, since it was looked up lies elsewhere now. */
export const openBody = async (
  { storage, database, logger }: Registry,
  repository: string,
  { digest, storageKey }: BlobRow,
  parts: readonly Part[],
): Promise<Body> => {
  try {
    return await openObject(storage, storageKey, parts)
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error
    const now = await findBlob(database.sql, repository, digest)
    if (now && now.storageKey !== storageKey) return openObject(storage, now.storageKey, parts)
    if (now) logger.error({ digest, key: storageKey }, 'the bytes of a blob are missing')
    throw ociError('BLOB_UNKNOWN', { detail: { digest }, cause: error })
  }
}
