import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { type Digest, digestOf, mediaTypes } from '@slipway/core'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Call {
  readonly body?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

/** A client of a registry at `127.0.0.1:41234`, on a few connections that stay open. */
export class Connection implements Disposable {
  readonly #address: string
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 })
  requests = 0

  constructor(address: string) {
    this.#address = address
  }

  call(method: string, path: string, { body, headers = {} }: Call = {}): Promise<Answer> {
    this.requests += 1
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
      const options = { method, agent: this.#agent, headers: { ...length, ...headers } }
      const request = httpRequest(`http://${this.#address}${path}`, options, (response) => {
        const { statusCode: status = 0, headers } = response
        buffer(response).then((bytes) => resolve({ status, headers, body: bytes }), reject)
      })
      request.on('error', reject)
      request.end(body)
    })
  }

  /** Puts a manifest under a tag, or under its digest. */
  putManifest(repository: string, reference: string, text: string): Promise<Answer> {
    const { mediaType } = JSON.parse(text) as { mediaType: string }
    const headers = { 'Content-Type': mediaType }
    return this.call('PUT', `/v2/${repository}/manifests/${reference}`, { body: text, headers })
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}

export interface Blob {
  readonly digest: Digest
  readonly bytes: Uint8Array
}

export const blobOf = (bytes: string | Uint8Array): Blob => ({ digest: digestOf(bytes), bytes: Buffer.from(bytes) })

export interface Image {
  readonly digest: Digest
  readonly text: string
  readonly blobs: readonly Blob[]
}

/** A manifest; its first blob is its config. With a subject: an artifact that refers to it. */
export const imageOf = (blobs: readonly Blob[], subject?: Image): Image => {
  const [config, ...layers] = blobs.map(({ digest, bytes }, at) => ({
    mediaType: at === 0 ? mediaTypes.ociConfig : mediaTypes.ociLayer,
    digest,
    size: bytes.length,
  }))
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    ...(subject === undefined ? {} : { artifactType: 'application/vnd.slipway.test' }),
    config,
    layers,
    ...(subject === undefined ? {} : { subject: describe(subject) }),
  })
  return { digest: digestOf(text), text, blobs }
}

const describe = ({ digest, text }: Image) => ({
  mediaType: mediaTypes.ociManifest,
  digest,
  size: Buffer.byteLength(text),
})

export interface Index {
  readonly digest: Digest
  readonly text: string
  readonly children: readonly Image[]
}

export const indexOf = (children: readonly Image[]): Index => {
  const manifests = children.map(describe)
  const text = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests })
  return { digest: digestOf(text), text, children }
}
