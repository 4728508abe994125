/**
 * What a registry in Node can't be faster than: `node:http`, files, and nothing between them. It knows no names and checks no
 * rights; manifests are in memory, and what is uploaded is hashed and synced, because that is what is promised.
 *
 * `node bench/registries/plain.ts PORT DIRECTORY`
 */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { digestOf, finishDigest } from '@slipway/core'

const [port, directory = ''] = process.argv.slice(2)
const pieces = 1 << 18

const manifests = new Map<string, { readonly type: string; readonly bytes: Buffer }>()
const sizes = new Map<string, number>()

const end = (response: ServerResponse, status: number, headers: Readonly<Record<string, string>> = {}): void => {
  response.writeHead(status, { 'Content-Length': 0, ...headers }).end()
}

const getManifest = (response: ServerResponse, reference: string): void => {
  const manifest = manifests.get(reference)
  if (manifest === undefined) end(response, 404)
  else {
    response.writeHead(200, { 'Content-Type': manifest.type, 'Content-Length': manifest.bytes.length })
    response.end(manifest.bytes)
  }
}

const putManifest = async (request: IncomingMessage, response: ServerResponse, reference: string): Promise<void> => {
  const manifest = { type: request.headers['content-type'] ?? '', bytes: await buffer(request) }
  manifests.set(reference, manifest).set(digestOf(manifest.bytes), manifest)
  end(response, 201)
}

const getBlob = async (response: ServerResponse, digest: string): Promise<void> => {
  const size = sizes.get(digest)
  if (size === undefined) return end(response, 404)
  response.writeHead(200, { 'Content-Length': size })
  await pipeline(createReadStream(join(directory, digest), { highWaterMark: pieces }), response)
}

const putBlob = async (request: IncomingMessage, response: ServerResponse, promised: string): Promise<void> => {
  const path = join(directory, randomUUID())
  const hash = createHash('sha256')
  let size = 0
  const hashing = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      hash.update(chunk)
      size += chunk.length
      yield chunk
    }
  }
  await pipeline(request, hashing, createWriteStream(path, { flush: true }))
  const digest = finishDigest(hash)
  if (digest !== promised) return end(response, 400)
  await rename(path, join(directory, digest))
  sizes.set(digest, size)
  end(response, 201)
}

const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://plain')
  const [kind, name = ''] = pathname.split('/').slice(-2)
  if (request.method === 'POST') end(response, 202, { Location: `${pathname}${randomUUID()}` })
  else if (request.method === 'PUT' && kind === 'manifests') await putManifest(request, response, name)
  else if (request.method === 'PUT') await putBlob(request, response, searchParams.get('digest') ?? '')
  else if (kind === 'manifests') getManifest(response, name)
  else if (kind === 'blobs') await getBlob(response, name)
  else end(response, 200)
}

createServer((request, response) => {
  answer(request, response).catch((error) => {
    console.error(error)
    response.destroy()
  })
}).listen(Number(port), '127.0.0.1')
