import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { type Descriptor, type Digest, digestOf, mediaTypes } from '@slipway/core'

/** Connections to a registry, which are kept between requests. */
export interface Connections extends Disposable {
  readonly host: string
  readonly agent: Agent
}

export const connect = (host: string, most: number): Connections => {
  const agent = new Agent({ keepAlive: true, maxSockets: most })
  return { host, agent, [Symbol.dispose]: () => agent.destroy() }
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: Uint8Array
}

interface Answered {
  readonly location: string
  readonly body: Buffer
}

/** Rejects for every status but the one that is expected. */
export const ask = async (
  { host, agent }: Connections,
  path: string,
  expected: number,
  { method = 'GET', headers = {}, body }: Asked = {},
): Promise<Answered> => {
  const asking = request(new URL(path, `http://${host}`), { agent, method, headers })
  asking.end(body)
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  const got = await buffer(response)
  if (response.statusCode !== expected) {
    throw new Error(`${method} ${path}: ${response.statusCode} ${got.toString().slice(0, 200)}`)
  }
  return { location: response.headers.location ?? '', body: got }
}

const octets = { 'Content-Type': 'application/octet-stream' }

/** Where the bytes of a blob are to be put. */
export const beginUpload = async (to: Connections, repository: string, digest: Digest): Promise<URL> => {
  const begin = { method: 'POST', headers: { 'Content-Length': 0 } }
  const { location } = await ask(to, `/v2/${repository}/blobs/uploads/`, 202, begin)
  const url = new URL(location, `http://${to.host}`)
  url.searchParams.set('digest', digest)
  return url
}

/** POST, then PUT with all the bytes (OCI distribution-spec, "Pushing a blob monolithically"). */
export const pushBlob = async (
  to: Connections,
  repository: string,
  bytes: Uint8Array,
  digest: Digest = digestOf(bytes),
): Promise<void> => {
  const { pathname, search } = await beginUpload(to, repository, digest)
  const headers = { ...octets, 'Content-Length': bytes.length }
  await ask(to, pathname + search, 201, { method: 'PUT', headers, body: bytes })
}

const described = (mediaType: string, bytes: Uint8Array): Descriptor => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
})

interface SmallImage {
  readonly blobs: readonly Buffer[]
  readonly mediaType: string
  readonly manifest: Buffer
}

/** An image of so many small layers: with ten of them, its manifest is 2 kB. */
export const smallImage = (layers: number): SmallImage => {
  const mediaType = mediaTypes.ociManifest
  const config = Buffer.from('{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}')
  const blobs = Array.from({ length: layers }, (_, number) => Buffer.from(`layer ${number}\n`))
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: described(mediaTypes.ociConfig, config),
    layers: blobs.map((blob) => described(mediaTypes.ociLayerGzip, blob)),
  }
  return { blobs: [config, ...blobs], mediaType, manifest: Buffer.from(JSON.stringify(manifest)) }
}

/** Pushes a small image under a tag; gives the manifest's digest, once what is given under it is what was pushed. */
export const pushSmallImage = async (to: Connections, repository: string, tag: string): Promise<Digest> => {
  const { blobs, mediaType, manifest } = smallImage(10)
  for (const blob of blobs) await pushBlob(to, repository, blob)
  const headers = { 'Content-Type': mediaType, 'Content-Length': manifest.length }
  const path = `/v2/${repository}/manifests/${tag}`
  await ask(to, path, 201, { method: 'PUT', headers, body: manifest })
  const { body } = await ask(to, path, 200, { headers: { Accept: mediaType } })
  if (!body.equals(manifest)) throw new Error(`${to.host} gave another manifest than it was given`)
  return digestOf(manifest)
}
