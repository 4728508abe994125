import type { ServerResponse } from 'node:http'
import type { AuthConfig, ProgressMessage } from '@slipway/client'
import {
  type Bytes,
  familiarRepository,
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
import { type ApiRequest, type BodyShape, JsonStream, type Route, readJson, sendJson, shape } from '@slipway/http'
import { releasing } from '@slipway/store'
import { flag } from '../containers/logs/query.ts'
import { parseFilters } from '../filters.ts'
import { integer } from '../numbers.ts'
import { loadImages } from './archive/load.ts'
import { saveImages } from './archive/save.ts'
import { bootstrapImage } from './bootstrap/bootstrap.ts'
import { inspectDistribution } from './distribution.ts'
import { importImage } from './import.ts'
import { login } from './login.ts'
import { platformsIn } from './platform.ts'
import type { Report } from './progress.ts'
import { pullAllTags, pullImage } from './pull.ts'
import { pushImage } from './push.ts'
import { asDocker, credentialsIn, type Handle, type ImageRouteDeps, nameOf, roomOf, signalOf } from './request.ts'
import { searchFilters, searchImages } from './search.ts'

/** Name and tag of a query, as a reference; the tag may be a digest. Throws invalid. */
const referenceOf = (name: string, tag: string | null): Reference => {
  if (!tag) return parseReference(name)
  if (!isDigest(tag) && !isTag(tag)) throw invalid('invalid tag format')
  return parseReference(isDigest(tag) ? `${name}@${tag}` : `${name}:${tag}`)
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
  sendJson(response, 200, await login(roomOf(deps), body, request.signal).catch(asDocker))
}

/** Images that come and go: from registries, archives and Debian’s packages, and to them. */
export const transferRoutes: readonly Route<ImageRouteDeps>[] = [
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
  { method: 'POST', path: '/images/bootstrap', handle: bootstrap },
  { method: 'POST', path: '/images/{name...}/push', handle: push },
  { method: 'POST', path: '/auth', handle: auth },
]
