import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { type Descriptor, type Digest, digestOf, mediaTypes } from '@slipway/core'

const describe = (mediaType: string, bytes: Uint8Array): Descriptor => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
})

/** A registry of one image, which gives its layers when it likes. */
export interface HeldRegistry extends AsyncDisposable {
  readonly address: string
  /** From the bottom up. */
  readonly layers: readonly Descriptor[]
  /** Blobs that were asked for, in order. */
  readonly asked: readonly Digest[]
  /** From now on, only the first half of the blob is sent; what this returns sends the rest of it to all who wait. */
  hold(digest: Digest): () => void
}

export interface HeldImage {
  /** Of each layer, its tar. */
  readonly tars: readonly Buffer[]
  /** Of each layer, where else it is; its registry has not got it then. */
  readonly elsewhere?: Readonly<Record<number, string>>
}

export const openHeldRegistry = async ({ tars, elsewhere = {} }: HeldImage): Promise<HeldRegistry> => {
  const blobs = tars.map((tar) => gzipSync(tar))
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
    }),
  )
  const layers = blobs.map((bytes, place) => {
    const url = elsewhere[place]
    return { ...describe(mediaTypes.dockerLayerGzip, bytes), ...(url === undefined ? {} : { urls: [url] }) }
  })
  const manifest = Buffer.from(
    JSON.stringify({ schemaVersion: 2, config: describe(mediaTypes.dockerConfig, config), layers }),
  )
  const here = new Map(
    [config, ...blobs.filter((_, place) => elsewhere[place] === undefined)].map((b) => [digestOf(b), b]),
  )
  const asked: Digest[] = []
  const held = new Map<Digest, Promise<void>>()
  const server = createServer(async (request, response) => {
    const path = request.url ?? ''
    const name = path.split('/').at(-1) as Digest
    if (path === '/v2/') return void response.end('{}')
    if (path.includes('/manifests/')) {
      response.setHeader('content-type', mediaTypes.dockerManifest)
      response.setHeader('docker-content-digest', digestOf(manifest))
      return void response.setHeader('content-length', manifest.length).end(manifest)
    }
    asked.push(name)
    const bytes = here.get(name)
    if (bytes === undefined) return void response.writeHead(404).end('{"errors":[{"code":"BLOB_UNKNOWN"}]}')
    response.setHeader('content-length', bytes.length)
    response.write(bytes.subarray(0, bytes.length >> 1))
    await held.get(name)
    response.end(bytes.subarray(bytes.length >> 1))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    layers,
    asked,
    hold(digest) {
      const { promise, resolve } = Promise.withResolvers<void>()
      held.set(digest, promise)
      return resolve
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
