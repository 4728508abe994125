import type { IncomingMessage } from 'node:http'
import { parsePlatform } from '@slipway/core'
import { encodeRegistryAuth } from '../auth/registry-auth.ts'
import type { EngineClient } from '../connection/engine-client.ts'
import { readJsonStream } from '../connection/json-stream.ts'
import { encodeFilters } from '../connection/query.ts'
import type { AuthConfig } from '../wire/auth-config.ts'
import type { ContainerConfig } from '../wire/container-config.ts'
import type { DeleteResponse } from '../wire/delete-response.ts'
import type { HistoryItem } from '../wire/history-item.ts'
import type { ImageInspect } from '../wire/image-inspect.ts'
import type { ImageSummary } from '../wire/image-summary.ts'
import type { ProgressMessage } from '../wire/progress-message.ts'
import type { ImagesPruneResponse } from '../wire/prune-response.ts'
import type { SearchResult } from '../wire/search-result.ts'
import type { Filters } from './containers.ts'

/** Slashes stay: the engine takes a name with them. */
const at = (name: string, verb = ''): string => `/images/${encodeURI(name)}${verb}`

const authHeader = (auth: AuthConfig | undefined): Readonly<Record<string, string>> =>
  auth === undefined ? {} : { 'x-registry-auth': encodeRegistryAuth(auth) }

/** Splits `registry:5000/name:tag` (or `@sha256:…`) as the API wants it: the name, and the tag or digest. */
export const splitTag = (name: string): { readonly repository: string; readonly tag?: string } => {
  const digest = name.indexOf('@')
  if (digest !== -1) return { repository: name.slice(0, digest), tag: name.slice(digest + 1) }
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/')
    ? { repository: name.slice(0, colon), tag: name.slice(colon + 1) }
    : { repository: name }
}

export const listImages = (
  client: EngineClient,
  {
    all = false,
    digests = false,
    manifests = false,
    filters,
  }: { all?: boolean; digests?: boolean; manifests?: boolean; filters?: Filters } = {},
): Promise<readonly ImageSummary[]> =>
  client.json({ path: '/images/json', query: { all, digests, manifests, filters: encodeFilters(filters) } })

export const inspectImage = (client: EngineClient, name: string): Promise<ImageInspect> =>
  client.json({ path: at(name, '/json') })

export const imageHistory = (client: EngineClient, name: string): Promise<readonly HistoryItem[]> =>
  client.json({ path: at(name, '/history') })

export interface TransferOptions {
  readonly auth?: AuthConfig | undefined
  readonly platform?: string | undefined
  readonly signal?: AbortSignal
}

/** Without a tag in the name: `latest`; `allTags` takes every tag. */
export const pullImage = async (
  client: EngineClient,
  name: string,
  { auth, platform, allTags = false, signal }: TransferOptions & { readonly allTags?: boolean } = {},
): Promise<AsyncIterable<ProgressMessage>> => {
  const { repository, tag = allTags ? undefined : 'latest' } = splitTag(name)
  const query = { fromImage: repository, tag, platform }
  return readJsonStream(
    await client.request({ method: 'POST', path: '/images/create', query, headers: authHeader(auth), signal }),
  )
}

/** Without a tag in the name: every tag of the repository is pushed. */
export const pushImage = async (
  client: EngineClient,
  name: string,
  { auth = {}, platform, signal }: TransferOptions = {},
): Promise<AsyncIterable<ProgressMessage>> => {
  const { repository, tag } = splitTag(name)
  const path = at(repository, '/push')
  const query = { tag, platform: platformsAsJson(platform === undefined ? [] : [platform]) }
  return readJsonStream(await client.request({ method: 'POST', path, query, headers: authHeader(auth), signal }))
}

/** Makes an image of a tar of files. `source`: a URL that the engine fetches, or the bytes themselves. */
export const importImage = async (
  client: EngineClient,
  source: string | AsyncIterable<Uint8Array>,
  options: {
    readonly repository?: string | undefined
    readonly tag?: string | undefined
    readonly message?: string | undefined
    readonly changes?: readonly string[]
    readonly platform?: string | undefined
  } = {},
): Promise<AsyncIterable<ProgressMessage>> => {
  const { repository, changes, ...rest } = options
  const fromSrc = typeof source === 'string' ? source : '-'
  const query = { fromSrc, repo: repository, changes, ...rest }
  const body = typeof source === 'string' ? {} : { body: source, headers: { 'content-type': 'application/x-tar' } }
  return readJsonStream(await client.request({ method: 'POST', path: '/images/create', query, ...body }))
}

/** Makes a base image from the packages of a distribution: an extension of our engine. */
export const bootstrapImage = async (
  client: EngineClient,
  name: string,
  { signal }: { signal?: AbortSignal } = {},
): Promise<AsyncIterable<ProgressMessage>> =>
  readJsonStream(await client.request({ method: 'POST', path: '/images/bootstrap', query: { name }, signal }))

export const tagImage = (client: EngineClient, name: string, target: string): Promise<void> => {
  const { repository, tag } = splitTag(target)
  return client.send({ method: 'POST', path: at(name, '/tag'), query: { repo: repository, tag } })
}

export const removeImage = (
  client: EngineClient,
  name: string,
  { force = false, noPrune = false }: { force?: boolean; noPrune?: boolean } = {},
): Promise<readonly DeleteResponse[]> =>
  client.json({ method: 'DELETE', path: at(name), query: { force, noprune: noPrune } })

export const searchImages = (
  client: EngineClient,
  term: string,
  { limit, filters, auth }: { limit?: number | undefined; filters?: Filters; auth?: AuthConfig | undefined } = {},
): Promise<readonly SearchResult[]> =>
  client.json({
    path: '/images/search',
    query: { term, limit, filters: encodeFilters(filters) },
    headers: authHeader(auth),
  })

export const pruneImages = (client: EngineClient, filters?: Filters): Promise<ImagesPruneResponse> =>
  client.json({ method: 'POST', path: '/images/prune', query: { filters: encodeFilters(filters) } })

export interface CommitOptions {
  readonly repository?: string | undefined
  readonly tag?: string | undefined
  readonly comment?: string | undefined
  readonly author?: string | undefined
  readonly pause?: boolean
  /** Dockerfile instructions. */
  readonly changes?: readonly string[]
  readonly config?: ContainerConfig
}

/** Makes an image of what a container has written. */
export const commitContainer = (
  client: EngineClient,
  container: string,
  { repository, tag, comment, author, pause = true, changes, config }: CommitOptions = {},
): Promise<{ readonly Id: string }> =>
  client.json({
    method: 'POST',
    path: '/commit',
    query: { container, repo: repository, tag, comment, author, pause: pause ? 1 : 0, changes },
    json: config ?? {},
  })

/** `linux/arm64` as the calls write it that take several platforms. */
const platformsAsJson = (platforms: readonly string[] = []): readonly string[] =>
  platforms.filter(Boolean).map((text) => JSON.stringify(parsePlatform(text)))

interface PlatformOptions {
  /** Of images for several machines, these: `linux/arm64`. */
  readonly platforms?: readonly string[] | undefined
}

/** Images as one tar. */
export const saveImages = (
  client: EngineClient,
  names: readonly string[],
  { platforms }: PlatformOptions = {},
): Promise<IncomingMessage> =>
  client.request({ path: '/images/get', query: { names, platform: platformsAsJson(platforms) } })

export const loadImages = async (
  client: EngineClient,
  tar: AsyncIterable<Uint8Array>,
  { quiet = false, platforms }: PlatformOptions & { quiet?: boolean } = {},
): Promise<AsyncIterable<ProgressMessage>> =>
  readJsonStream(
    await client.request({
      method: 'POST',
      path: '/images/load',
      query: { quiet: quiet ? 1 : 0, platform: platformsAsJson(platforms) },
      body: tar,
      headers: { 'content-type': 'application/x-tar' },
    }),
  )
