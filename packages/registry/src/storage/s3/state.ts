import { hasCode } from '@slipway/core'
import type { S3Client } from './client.ts'

/** A part of a multipart upload, as the storage named it. */
export interface Part {
  readonly etag: string
  readonly size: number
}

/** How far a write has come, for whichever process goes on with it. */
export interface WriteState {
  /** Of the multipart upload, once there is one. */
  readonly uploadId: string | undefined
  readonly parts: readonly Part[]
  /** Of all bytes so far, parts and tail, in hex; not known after a write that was taken up once more. */
  readonly sha256: string | undefined
  /** What is too short for a part. */
  readonly tail: Buffer
}

/** A state as it lies in the storage, and the tag by which one sees whether somebody has changed it. */
export interface SavedState extends WriteState {
  readonly etag: string
}

export const stateKey = (id: string): string => `ingests/${id}`

const offsetHeader = 'x-amz-meta-offset'

export const sizeOfState = ({ parts, tail }: Pick<WriteState, 'parts' | 'tail'>): number =>
  parts.reduce((sum, { size }) => sum + size, tail.length)

/** One line of JSON, then the tail. */
const encode = ({ tail, ...facts }: WriteState): Buffer<ArrayBuffer> =>
  Buffer.concat([Buffer.from(`${JSON.stringify(facts)}\n`), tail])

export const loadState = async (client: S3Client, id: string): Promise<SavedState | undefined> => {
  try {
    const { headers, bytes } = await client.sendForBytes({ method: 'GET', key: stateKey(id) })
    const end = bytes.indexOf('\n')
    const facts = JSON.parse(bytes.subarray(0, end).toString()) as Omit<WriteState, 'tail'>
    return { ...facts, tail: bytes.subarray(end + 1), etag: String(headers['etag']) }
  } catch (error) {
    if (hasCode(error, 'not-found')) return undefined
    throw error
  }
}

/**
 * Saves a state over the one with the tag `before`, and returns its own. Throws conflict when another process has gone on with
 * the upload, where the storage knows conditions (Amazon's, MinIO, Ceph); others let the last one win.
 */
export const saveState = async (
  client: S3Client,
  id: string,
  state: WriteState,
  before: string | undefined,
): Promise<string> => {
  const [key, body] = [stateKey(id), encode(state)]
  const condition = before === undefined ? { 'If-None-Match': '*' } : { 'If-Match': before }
  const headers = { ...condition, [offsetHeader]: String(sizeOfState(state)) }
  try {
    const saved = await client.sendForText({ method: 'PUT', key, headers, body })
    return String(saved.headers['etag'])
  } catch (error) {
    // An answer that got lost, and the same sent again: it was we who changed it.
    const there = hasCode(error, 'conflict') ? await client.sendForBytes({ method: 'GET', key }) : undefined
    if (there?.bytes.equals(body)) return String(there.headers['etag'])
    throw error
  }
}

/** Its tag, and how many bytes were written; undefined when there is none. */
export const statState = async (
  client: S3Client,
  id: string,
): Promise<{ readonly etag: string; readonly offset: number } | undefined> => {
  try {
    const { headers } = await client.sendForText({ method: 'HEAD', key: stateKey(id) })
    return { etag: String(headers['etag']), offset: Number(headers[offsetHeader] ?? 0) }
  } catch (error) {
    if (hasCode(error, 'not-found')) return undefined
    throw error
  }
}

export const dropState = async (client: S3Client, id: string): Promise<void> => {
  await client.sendForText({ method: 'DELETE', key: stateKey(id) })
}
