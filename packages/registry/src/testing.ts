import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Digest, digestOf, mediaTypes } from '@slipway/core'
import type { Grant } from './access/pattern.ts'
import { addAccount } from './accounts/records.ts'
import { proveAnswer } from './api/testing/prove.ts'
import { type RegistryOptions, type RunningRegistry, startRegistry } from './compose.ts'
import { openRegistryDatabase, type Places } from './places.ts'

/** A registry on a free port over a data root of its own, for tests. */
export interface TestRegistry extends AsyncDisposable {
  readonly dataRoot: string
  readonly places: Places
  readonly url: string
  /** `fetch()` below the registry's address. Throws when an answer of our own API isn't as its description says. */
  call(method: string, path: string, init?: RequestInit): Promise<Response>
  /** Stops it and starts it again over the same data root, perhaps with other settings. */
  restart(settings?: TestSettings): Promise<void>
}

export type TestSettings = Omit<RegistryOptions, 'listen' | 'dataRoot'>

const anywhere = { host: '127.0.0.1', port: 0 }

export const startTestRegistry = async (settings: TestSettings = {}): Promise<TestRegistry> => {
  const dataRoot = await mkdtemp(join(tmpdir(), 'swt-registry-'))
  let running: RunningRegistry = await startRegistry({ ...settings, listen: anywhere, dataRoot })
  return {
    dataRoot,
    places: { ...settings, dataRoot },
    get url() {
      return `http://${running.address}`
    },
    call: async (method, path, init = {}) => {
      const response = await fetch(`http://${running.address}${path}`, { ...init, method, redirect: 'manual' })
      await proveAnswer(method, path, response)
      return response
    },
    restart: async (changed = {}) => {
      await running.close()
      running = await startRegistry({ ...settings, ...changed, listen: anywhere, dataRoot })
    },
    [Symbol.asyncDispose]: async () => {
      await running.close()
      await rm(dataRoot, { recursive: true, force: true })
    },
  }
}

/** A hash says itself what it cost: this one is checked in no time. */
const cheap = { ln: 4, r: 1, p: 1 }

/** Makes an account as `slipway registry user add` does, beside the running registry; returns the header it pushes with. */
export const makeAccount = async (
  registry: TestRegistry,
  name: string,
  password = 'secret',
  grant?: Grant,
): Promise<string> => {
  await using database = await openRegistryDatabase(registry.places)
  await addAccount(database.sql, name, password, { cost: cheap, ...(grant ? { grant } : {}) })
  return basic(name, password)
}

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

export const errorCode = async (response: Response): Promise<string> => {
  const body = (await response.json()) as { errors?: readonly { code: string }[] }
  return body.errors?.[0]?.code ?? ''
}

/** Pushes bytes in one request, and returns their digest. */
export const pushBlob = async (
  registry: TestRegistry,
  repository: string,
  bytes: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Digest> => {
  const digest = digestOf(bytes)
  const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`
  const response = await registry.call('POST', path, { body: bytes, headers })
  if (response.status !== 201) throw new Error(`push of a blob: ${response.status} ${await response.text()}`)
  return digest
}

export interface PushedManifest {
  readonly digest: Digest
  readonly text: string
}

export const putManifest = (
  registry: TestRegistry,
  repository: string,
  reference: string,
  manifest: object | string,
  headers: Record<string, string> = {},
): Promise<Response> => {
  const body = typeof manifest === 'string' ? manifest : JSON.stringify(manifest)
  const { mediaType = mediaTypes.ociManifest } =
    typeof manifest === 'string' ? {} : (manifest as { mediaType?: string })
  return registry.call('PUT', `/v2/${repository}/manifests/${reference}`, {
    body,
    headers: { 'Content-Type': mediaType, ...headers },
  })
}

/** An image of one layer; `extra` goes into its manifest. Not pushed yet, but its blobs are. */
export const makeImage = async (
  registry: TestRegistry,
  repository: string,
  options: { layer?: string; config?: object; extra?: object; headers?: Record<string, string> } = {},
): Promise<PushedManifest> => {
  const { layer = 'a layer', config = { architecture: 'amd64', os: 'linux' }, extra = {}, headers = {} } = options
  const configText = JSON.stringify(config)
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: {
      mediaType: mediaTypes.ociConfig,
      digest: await pushBlob(registry, repository, configText, headers),
      size: Buffer.byteLength(configText),
    },
    layers: [
      {
        mediaType: mediaTypes.ociLayer,
        digest: await pushBlob(registry, repository, layer, headers),
        size: Buffer.byteLength(layer),
      },
    ],
    ...extra,
  }
  const text = JSON.stringify(manifest)
  return { text, digest: digestOf(text) }
}

/** Makes an image and pushes it under a tag. */
export const pushImage = async (
  registry: TestRegistry,
  repository: string,
  tag: string,
  options: Parameters<typeof makeImage>[2] = {},
): Promise<PushedManifest> => {
  const image = await makeImage(registry, repository, options)
  const response = await putManifest(registry, repository, tag, image.text, options.headers)
  if (response.status !== 201)
    throw new Error(`push of ${repository}:${tag}: ${response.status} ${await response.text()}`)
  return image
}
