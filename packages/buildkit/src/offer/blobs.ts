import { createHash, type Hash } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { invalid, isDigest } from '@slipway/core'
import type { Incoming, Methods } from '../grpc/method.ts'
import { GrpcError, grpcCode } from '../grpc/status.ts'
import { writeAction, writeRequest, writeResponse } from '../messages/content.ts'
import { sessionMethods } from '../messages/session.ts'

/** Where blobs are written before they are whole. */
const folder = 'ingest'

const header = 'buildkit-attachable-store-id'

/** One blob under way: a file that gets its name when it is what its name says. */
class Writing implements AsyncDisposable {
  readonly #root: string
  readonly #path: string
  readonly #file: Awaited<ReturnType<typeof open>>
  readonly #hash: Hash = createHash('sha256')
  #length = 0

  private constructor(root: string, path: string, file: Awaited<ReturnType<typeof open>>) {
    this.#root = root
    this.#path = path
    this.#file = file
  }

  static async begin(root: string, number: number): Promise<Writing> {
    const path = join(root, folder, `${process.pid}-${number}`)
    await mkdir(dirname(path), { recursive: true })
    return new Writing(root, path, await open(path, 'wx'))
  }

  get length(): number {
    return this.#length
  }

  async write(offset: number, data: Uint8Array): Promise<void> {
    if (offset !== this.#length) throw invalid(`a blob goes on at ${offset}, and ended at ${this.#length}`)
    this.#hash.update(data)
    this.#length += data.length
    await this.#file.writeFile(data)
  }

  /** Throws invalid for other bytes than those of the digest. */
  async commit(digest: string, size: number): Promise<void> {
    if (!isDigest(digest)) throw invalid(`${digest.slice(0, 100)} is no digest`)
    const found = `sha256:${this.#hash.digest('hex')}`
    if (found !== digest || size !== this.#length) {
      throw invalid(`${digest} came as ${found}, with ${this.#length} bytes in place of ${size}`)
    }
    const target = join(this.#root, 'blobs', digest.replace(':', '/'))
    await mkdir(dirname(target), { recursive: true })
    await this.#file.sync()
    await rename(this.#path, target)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
    await rm(this.#path, { force: true })
  }
}

let begun = 0

async function* takeBlob(root: string, messages: Incoming): AsyncGenerator<readonly Uint8Array[]> {
  begun += 1
  await using writing = await Writing.begin(root, begun)
  for await (const batch of messages.batches) {
    const answers: Uint8Array[] = []
    for (const message of batch) {
      const { action, expected, total, offset, data } = writeRequest.decode(message)
      if (data.length > 0) await writing.write(offset, data)
      if (action === writeAction.commit) await writing.commit(expected, total)
      answers.push(writeResponse.encode({ action, offset: writing.length, total, digest: expected }))
    }
    yield answers
  }
}

/** Takes blobs into OCI layouts on our disk; `layouts`: their directories by the names the daemon has for them. */
export const offerBlobs = (layouts: ReadonlyMap<string, string>): Methods => ({
  [sessionMethods.writeContent]: (messages, { metadata }) => {
    const root = layouts.get(metadata[header]?.[0] ?? '')
    if (root === undefined) throw new GrpcError(grpcCode.notFound, 'no such store')
    return takeBlob(root, messages)
  },
})
