import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Descriptor, digestOf, type Manifest, mediaTypes } from '@slipway/core'

type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => boolean | Promise<boolean>

/**
 * A registry in memory for the tests of a client, as small as the distribution-spec allows, which can be made to
 * misbehave: an `intercept`or sees every request first, and returns true when it has answered.
 */
export interface TinyRegistry extends AsyncDisposable {
  readonly host: string
  readonly blobs: Map<string, Buffer>
  readonly manifests: Map<string, { readonly type: string; readonly bytes: Buffer }>
  /** `GET /v2/user/web/blobs/sha256:…`, in order. */
  readonly log: string[]
  intercept: Handler
}

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

export const sendError = (response: ServerResponse, status: number, code: string, message: string): boolean => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ errors: [{ code, message }] }))
  return true
}

const serveBlob = (
  registry: TinyRegistry,
  request: IncomingMessage,
  response: ServerResponse,
  digest: string,
): boolean => {
  const blob = registry.blobs.get(digest)
  if (blob === undefined) return sendError(response, 404, 'BLOB_UNKNOWN', 'blob unknown to registry')
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  const start = Number(range?.[1] ?? 0)
  const end = range?.[2] ? Number(range[2]) : blob.length - 1
  const part = blob.subarray(start, end + 1)
  response.writeHead(range ? 206 : 200, {
    'content-length': part.length,
    'docker-content-digest': digest,
    ...(range ? { 'content-range': `bytes ${start}-${end}/${blob.length}` } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : part)
  return true
}

const serveManifest = async (
  registry: TinyRegistry,
  request: IncomingMessage,
  response: ServerResponse,
  key: string,
) => {
  if (request.method === 'PUT') {
    const bytes = await readBody(request)
    const manifest = { type: request.headers['content-type'] ?? '', bytes }
    registry.manifests.set(key, manifest)
    registry.manifests.set(key.replace(/[^/]+$/, digestOf(bytes)), manifest)
    response.writeHead(201, { 'docker-content-digest': digestOf(bytes) }).end()
    return
  }
  const found = registry.manifests.get(key)
  if (found === undefined) {
    sendError(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown')
    return
  }
  response.writeHead(200, {
    'content-type': found.type,
    'content-length': found.bytes.length,
    'docker-content-digest': digestOf(found.bytes),
  })
  response.end(request.method === 'HEAD' ? undefined : found.bytes)
}

const serveUpload = async (registry: TinyRegistry, uploads: Map<string, Buffer>, url: URL, exchange: Exchange) => {
  const { request, response } = exchange
  const mount = url.searchParams.get('mount')
  if (request.method === 'POST' && mount !== null && registry.blobs.has(mount)) {
    response.writeHead(201, { location: `/v2/x/blobs/${mount}` }).end()
    return
  }
  const id = request.method === 'POST' ? String(uploads.size + 1) : (url.pathname.split('/').at(-1) ?? '')
  const bytes = Buffer.concat([uploads.get(id) ?? Buffer.alloc(0), await readBody(request)])
  uploads.set(id, bytes)
  const location = request.method === 'POST' ? `${url.pathname}${id}?state=a%2Bb` : `${url.pathname}?state=a%2Bb`
  if (request.method !== 'PUT') {
    response.writeHead(202, { location, range: `0-${Math.max(0, bytes.length - 1)}` }).end()
    return
  }
  const digest = url.searchParams.get('digest') ?? ''
  if (url.searchParams.get('state') !== 'a+b') sendError(response, 404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown')
  else if (digestOf(bytes) !== digest) sendError(response, 400, 'DIGEST_INVALID', 'provided digest did not match')
  else {
    registry.blobs.set(digest, bytes)
    response.writeHead(201, { 'docker-content-digest': digest }).end()
  }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

export const startTinyRegistry = async (): Promise<TinyRegistry> => {
  const uploads = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    void serve({ request, response }).catch(() => response.destroy())
  })
  const serve = async ({ request, response }: Exchange): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://registry')
    registry.log.push(`${request.method} ${url.pathname}`)
    if (await registry.intercept(request, response, url)) return
    const [, repository, kind, name = ''] = /^\/v2\/(.+?)\/(blobs|manifests|tags)\/(.*)$/.exec(url.pathname) ?? []
    if (kind === undefined) response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    else if (kind === 'manifests') await serveManifest(registry, request, response, `${repository}/${name}`)
    else if (kind === 'tags') response.end(JSON.stringify({ name: repository, tags: ['v1', 'v2'] }))
    else if (name.startsWith('uploads/')) await serveUpload(registry, uploads, url, { request, response })
    else serveBlob(registry, request, response, name)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const registry: TinyRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    blobs: new Map(),
    manifests: new Map(),
    log: [],
    intercept: () => false,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return registry
}

export const descriptorOf = (bytes: Buffer | string, mediaType: string = mediaTypes.ociLayerGzip): Descriptor => ({
  mediaType,
  digest: digestOf(bytes),
  size: Buffer.byteLength(bytes),
})

/** Puts an image with these layers there, and returns its manifest's descriptor. */
export const seedImage = (
  registry: TinyRegistry,
  name: string,
  layers: readonly Buffer[],
  more: Partial<Manifest> = {},
): Descriptor => {
  const config = Buffer.from(
    JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [] } }),
  )
  for (const blob of [config, ...layers]) registry.blobs.set(digestOf(blob), blob)
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: descriptorOf(config, mediaTypes.ociConfig),
    layers: layers.map((layer) => descriptorOf(layer)),
    ...more,
  }
  const bytes = Buffer.from(JSON.stringify(manifest))
  const [repository = '', tag = ''] = name.split(':')
  for (const key of [tag, digestOf(bytes)]) {
    registry.manifests.set(`${repository}/${key}`, { type: mediaTypes.ociManifest, bytes })
  }
  return descriptorOf(bytes, mediaTypes.ociManifest)
}
