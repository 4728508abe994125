import type { IncomingMessage, ServerResponse } from 'node:http'
import { type AuthConfig, decodeRegistryAuth, type ProgressMessage } from '@slipway/client'
import {
  type Bytes,
  familiarRepository,
  hasCode,
  invalid,
  isDigest,
  isTag,
  messageOf,
  parsePlatform,
  parseReference,
  parseRepositoryTag,
  type Reference,
  SlipwayError,
} from '@slipway/core'
import {
  type ApiRequest,
  type BodyShape,
  JsonStream,
  type Route,
  readJson,
  sendEmpty,
  sendJson,
  shape,
} from '@slipway/http'
import type { RegistryRules } from '@slipway/remote'
import { releasing } from '@slipway/store'
import { atLeast } from '../api-version.ts'
import { flag } from '../containers/logs/query.ts'
import { parseFilters } from '../filters.ts'
import { integer } from '../numbers.ts'
import { loadImages } from './archive/load.ts'
import { saveImages } from './archive/save.ts'
import { bootstrapImage } from './bootstrap/bootstrap.ts'
import type { Collector } from './collect.ts'
import { inspectDistribution } from './distribution.ts'
import { imageHistory } from './history.ts'
import { importImage } from './import.ts'
import { inspectImage } from './inspect.ts'
import { listImageLayers } from './layers.ts'
import { imageFilters, listImages } from './list.ts'
import { credentialsOf, login } from './login.ts'
import { listMounts, mountImage, unmountImage } from './mount.ts'
import { platformsIn } from './platform.ts'
import type { Report } from './progress.ts'
import { pruneFilters, pruneImages } from './prune.ts'
import { pullAllTags, pullImage } from './pull.ts'
import { pushImage } from './push.ts'
import { removeImage } from './remove.ts'
import { removeForPlatform } from './remove-platform.ts'
import type { ImageRoom } from './room.ts'
import { searchFilters, searchImages } from './search.ts'
import type { ImageStore } from './store.ts'
import { tagImage } from './tag.ts'

export interface ImageRouteDeps {
  readonly images: ImageStore
  readonly collector: Collector
  readonly registries: RegistryRules
}

type Handle = Route<ImageRouteDeps>['handle']

export const roomOf = ({ images, collector, registries }: ImageRouteDeps): ImageRoom => ({
  store: images,
  collector,
  registries,
})
const nameOf = ({ params }: ApiRequest): string => params['name'] ?? ''
const credentialsIn = (raw: IncomingMessage) => {
  const header = raw.headers['x-registry-auth']
  return credentialsOf(decodeRegistryAuth(Array.isArray(header) ? header[0] : header))
}

/** Name and tag of a query, as a reference; the tag may be a digest. Throws invalid. */
const referenceOf = (name: string, tag: string | null): Reference => {
  if (!tag) return parseReference(name)
  if (!isDigest(tag) && !isTag(tag)) throw invalid('invalid tag format')
  return parseReference(isDigest(tag) ? `${name}@${tag}` : `${name}:${tag}`)
}

/** docker's answer for a registry that is away is 500, and clients show its text. */
const asDocker = (error: unknown): never => {
  throw hasCode(error, 'unavailable') ? new SlipwayError('internal', messageOf(error), { cause: error }) : error
}

/**
 * A stream of progress. An error before the first message is an ordinary answer; later it travels in the stream, with
 * status 200 long sent. When the client is gone there is no one to tell.
 */
const streamProgress = async (
  { signal }: ApiRequest,
  response: ServerResponse,
  body: (report: Report) => Promise<unknown>,
): Promise<void> => {
  const stream = new JsonStream(response)
  try {
    await body((message: ProgressMessage) => stream.write(message))
  } catch (error) {
    if (signal.aborted) return
    if (!stream.isOpen) asDocker(error)
    const message = messageOf(error)
    stream.write({ errorDetail: { message }, error: message } satisfies ProgressMessage)
  }
  stream.end()
}

const signalOf = ({ signal }: ApiRequest): { readonly signal: AbortSignal } => ({ signal })

const pull: Handle = async (request, response, deps) => {
  const { query, raw } = request
  const tag = query.get('tag')
  const named = referenceOf(query.get('fromImage') ?? '', tag)
  if (familiarRepository(named) === 'scratch') throw new SlipwayError('forbidden', "'scratch' is a reserved name")
  const platform = query.get('platform')
  const credentials = credentialsIn(raw)
  const wantedPlatform = platform ? { platform: parsePlatform(platform) } : {}
  await streamProgress(request, response, (report) => {
    const wanted = {
      report,
      ...signalOf(request),
      ...wantedPlatform,
      ...(credentials ? { credentials } : {}),
    }
    const isAll = !tag && named.tag === undefined && named.digest === undefined
    return isAll
      ? pullAllTags(roomOf(deps), { ...wanted, reference: named })
      : pullImage(roomOf(deps), { ...wanted, reference: named })
  })
}

/** `-` is the request's own body; else an address to fetch from. */
const openSource = async (request: ApiRequest, source: string): Promise<Bytes> => {
  if (source === '-') return releasing(request.raw)
  const url = URL.parse(source.includes('://') ? source : `http://${source}`)
  if (url === null || !/^https?:$/.test(url.protocol)) throw invalid(`invalid source address: ${source.slice(0, 200)}`)
  const answer = await fetch(url, { signal: request.signal }).catch((error: unknown) => {
    throw new SlipwayError('unavailable', `Get "${url}": ${messageOf(error)}`, { cause: error })
  })
  if (!answer.ok || answer.body === null) throw new SlipwayError('unavailable', `Get "${url}": status ${answer.status}`)
  return releasing(answer.body)
}

const createdAtOf = (text: string | null): Date | undefined => {
  if (!text) return undefined
  const date = new Date(/^\d+$/.test(text) ? Number(text) * 1000 : text)
  if (Number.isNaN(date.getTime())) throw invalid(`invalid value for "created": ${text.slice(0, 80)}`)
  return date
}

const importFrom: Handle = async (request, response, deps) => {
  const { query } = request
  const source = query.get('fromSrc') ?? '-'
  const [repository, platform] = [query.get('repo'), query.get('platform')]
  const reference = repository ? parseRepositoryTag(repository, query.get('tag') ?? '') : undefined
  await streamProgress(request, response, async (report) => {
    const image = await importImage(roomOf(deps), {
      tar: await openSource(request, source),
      reference,
      message: query.get('message') || `Imported from ${source}`,
      changes: query.getAll('changes').flatMap((text) => text.split('\n')),
      platform: platform ? parsePlatform(platform) : undefined,
      createdAt: createdAtOf(query.get('created')),
      ...signalOf(request),
    })
    report({ status: image.id })
  })
}

const distribution: Handle = async (request, response, deps) => {
  const name = nameOf(request)
  if (isDigest(name)) throw invalid('no manifest found for full image ID')
  const credentials = credentialsIn(request.raw)
  const asked = { reference: parseReference(name), ...signalOf(request), ...(credentials ? { credentials } : {}) }
  sendJson(response, 200, await inspectDistribution(roomOf(deps), asked).catch(asDocker))
}

const push: Handle = async (request, response, deps) => {
  const reference = referenceOf(nameOf(request), request.query.get('tag'))
  const credentials = credentialsIn(request.raw)
  const [platform] = platformsIn(request, '1.46')
  await streamProgress(request, response, (report) =>
    pushImage(roomOf(deps), {
      reference,
      report,
      ...signalOf(request),
      ...(platform ? { platform } : {}),
      ...(credentials ? { credentials } : {}),
    }),
  )
}

const save = async (
  request: ApiRequest,
  response: ServerResponse,
  { deps, names }: { readonly deps: ImageRouteDeps; readonly names: readonly string[] },
): Promise<void> => {
  if (names.length === 0) throw invalid('no images were named')
  const wanted = { names, platforms: platformsIn(request, '1.48'), ...signalOf(request) }
  await saveImages(roomOf(deps), wanted, () => response.writeHead(200, { 'Content-Type': 'application/x-tar' }))
}

const load: Handle = async (request, response, deps) => {
  const { query, raw } = request
  const quiet = query.get('quiet') === null || flag(query, 'quiet')
  const options = { quiet, platforms: platformsIn(request, '1.48') }
  await streamProgress(request, response, (report) =>
    loadImages(roomOf(deps), { tar: releasing(raw), report, ...options, ...signalOf(request) }),
  )
}

const bootstrap: Handle = async (request, response, deps) => {
  const name = request.query.get('name') ?? ''
  await streamProgress(request, response, (report) =>
    bootstrapImage(roomOf(deps), { name, report, ...signalOf(request) }),
  )
}

const list: Handle = async ({ query, version }, response, deps) => {
  const filters = parseFilters(query.get('filters'), imageFilters)
  // Before filters, a pattern came as a parameter of its own.
  const pattern = query.get('filter')
  const all = pattern ? new Map([...filters, ['reference', [pattern]] as const]) : filters
  const manifests = atLeast(version, '1.47') && flag(query, 'manifests')
  sendJson(response, 200, await listImages(roomOf(deps), { all: flag(query, 'all'), filters: all, manifests }))
}

const searchLimit = (text: string): number => {
  try {
    return integer('Atoi', text)
  } catch (error) {
    throw invalid(`invalid limit specified: ${messageOf(error)}`, error)
  }
}

const search: Handle = async (request, response, deps) => {
  const { query, raw } = request
  const limit = query.get('limit')
  const credentials = credentialsIn(raw)
  const found = await searchImages(roomOf(deps), {
    term: query.get('term') ?? '',
    ...(limit ? { limit: searchLimit(limit) } : {}),
    filters: parseFilters(query.get('filters'), searchFilters),
    ...(credentials ? { credentials } : {}),
    ...signalOf(request),
  })
  sendJson(response, 200, found)
}

const tag: Handle = async (request, response, deps) => {
  const reference = parseRepositoryTag(request.query.get('repo') ?? '', request.query.get('tag') ?? '')
  await tagImage(roomOf(deps), nameOf(request), reference)
  sendEmpty(response, 201)
}

const remove: Handle = async (request, response, deps) => {
  const { query } = request
  const options = { force: flag(query, 'force'), noPrune: flag(query, 'noprune') }
  const [platform, ...more] = platformsIn(request, '1.50', 'platforms')
  if (more.length > 0) throw invalid('multiple platform parameters not supported')
  const removed = platform
    ? await removeForPlatform(roomOf(deps), nameOf(request), platform, options)
    : await removeImage(roomOf(deps), nameOf(request), options)
  sendJson(response, 200, removed)
}

const prune: Handle = async ({ query }, response, deps) =>
  sendJson(response, 200, await pruneImages(roomOf(deps), parseFilters(query.get('filters'), pruneFilters)))

const authBody: BodyShape<AuthConfig> = {
  shape: shape.object('registry.AuthConfig', {
    username: shape.text(),
    password: shape.text(),
    auth: shape.text(),
    serveraddress: shape.text(),
    identitytoken: shape.text(),
    registrytoken: shape.text(),
  }),
}

const auth: Handle = async (request, response, deps) => {
  const body = await readJson(request, authBody)
  try {
    sendJson(response, 200, await login(roomOf(deps), body, request.signal))
  } catch (error) {
    // docker's answer to a login against a registry that is away is 500, and clients show its text.
    throw hasCode(error, 'unavailable') ? new SlipwayError('internal', messageOf(error), { cause: error }) : error
  }
}

export const imageRoutes: readonly Route<ImageRouteDeps>[] = [
  { method: 'GET', path: '/images/json', handle: list },
  { method: 'GET', path: '/images/search', handle: search },
  {
    method: 'POST',
    path: '/images/create',
    handle: (request, response, deps) => (request.query.get('fromImage') ? pull : importFrom)(request, response, deps),
  },
  {
    method: 'GET',
    path: '/images/get',
    handle: (request, response, deps) => save(request, response, { deps, names: request.query.getAll('names') }),
  },
  {
    method: 'GET',
    path: '/images/{name...}/get',
    handle: (request, response, deps) => save(request, response, { deps, names: [nameOf(request)] }),
  },
  { method: 'GET', path: '/distribution/{name...}/json', since: '1.30', handle: distribution },
  { method: 'POST', path: '/images/load', handle: load },
  { method: 'POST', path: '/images/prune', since: '1.25', handle: prune },
  { method: 'POST', path: '/images/bootstrap', handle: bootstrap },
  {
    method: 'GET',
    path: '/images/{name...}/json',
    async handle(request, response, deps) {
      const [platform] = platformsIn(request, '1.49')
      const manifests = atLeast(request.version, '1.48') && flag(request.query, 'manifests')
      if (platform !== undefined && manifests) {
        throw invalid('conflicting options: manifests and platform options cannot both be set')
      }
      sendJson(response, 200, await inspectImage(roomOf(deps), nameOf(request), { platform, manifests }))
    },
  },
  {
    method: 'GET',
    path: '/images/{name...}/history',
    handle: async (request, response, deps) =>
      sendJson(response, 200, await imageHistory(roomOf(deps), nameOf(request), platformsIn(request, '1.48')[0])),
  },
  {
    method: 'GET',
    path: '/slipway/images/{name...}/layers',
    handle: (request, response, deps) =>
      listImageLayers(roomOf(deps), response, {
        name: nameOf(request),
        ...signalOf(request),
      }),
  },
  {
    method: 'GET',
    path: '/slipway/mounts',
    handle: async (_request, response, deps) => sendJson(response, 200, await listMounts(roomOf(deps))),
  },
  {
    method: 'POST',
    path: '/slipway/images/{name...}/mount',
    async handle(request, response, deps) {
      await mountImage(roomOf(deps), nameOf(request), request.query.get('path') ?? '')
      sendEmpty(response, 204)
    },
  },
  {
    method: 'POST',
    path: '/slipway/unmount',
    async handle(request, response, deps) {
      await unmountImage(roomOf(deps), request.query.get('path') ?? '')
      sendEmpty(response, 204)
    },
  },
  { method: 'POST', path: '/images/{name...}/tag', handle: tag },
  { method: 'POST', path: '/images/{name...}/push', handle: push },
  { method: 'DELETE', path: '/images/{name...}', handle: remove },
  { method: 'POST', path: '/auth', handle: auth },
]
