import { conflict, invalid } from '@slipway/core'
import { type ApiRequest, type Route, readJson, sendEmpty, sendJson } from '@slipway/http'
import { atLeast } from '../api-version.ts'
import { parseFilters } from '../filters.ts'
import { queryInteger } from '../numbers.ts'
import { archiveRoutes } from './archive/routes.ts'
import { attachByWebSocket, attachContainer } from './attach.ts'
import { configBody, createBody, updateBody } from './body.ts'
import { commitContainer } from './commit.ts'
import { createContainer } from './create.ts'
import { execRoutes } from './exec/routes.ts'
import { containerFilters } from './filter.ts'
import { inRoom } from './in-room.ts'
import { inspectContainer } from './inspect.ts'
import { killContainer } from './kill.ts'
import { listContainers } from './list.ts'
import { flag } from './logs/query.ts'
import { sendLogs } from './logs/send.ts'
import { pauseContainer, unpauseContainer } from './pause.ts'
import { pruneContainers } from './prune.ts'
import { removeContainer } from './remove.ts'
import { renameContainer } from './rename.ts'
import { resizeContainer } from './resize.ts'
import type { ContainerRoom } from './room.ts'
import { startContainer } from './start.ts'
import { sendStats } from './stats/send.ts'
import { restartContainer, type StopOptions, stopContainer } from './stop.ts'
import { topContainer } from './top.ts'
import { updateContainer } from './update.ts'
import { parseWaitCondition, waitContainer } from './wait.ts'

export interface ContainerRouteDeps {
  readonly containers: ContainerRoom
}

const idOf = ({ params }: ApiRequest): string => params['id'] ?? ''

const stopOptions = (query: URLSearchParams): StopOptions => ({
  timeout: queryInteger(query, 't'),
  signal: query.get('signal') ?? undefined,
})

/** Longer than `{}` and its like, which clients send that send JSON always. */
const longestEmptyBody = 7

const assertNoStartBody = ({ raw }: ApiRequest): void => {
  if (
    raw.headers['transfer-encoding'] === undefined &&
    Number(raw.headers['content-length'] ?? 0) <= longestEmptyBody
  ) {
    return
  }
  throw invalid('starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24')
}

/** Answers at once with the head: clients register the wait before they start the container, and wait for that. */
const sendWait: Route<ContainerRouteDeps>['handle'] = async (request, response, { containers }) => {
  const condition = parseWaitCondition(request.query.get('condition') ?? '')
  const exit = waitContainer(containers, idOf(request), condition, request.signal)
  response.writeHead(200, { 'Content-Type': 'application/json' })
  response.flushHeaders()
  response.end(`${JSON.stringify({ StatusCode: await exit })}\n`)
}

const sendCommit: Route<ContainerRouteDeps>['handle'] = async (request, response, { containers }) => {
  const { query } = request
  const body = await readJson(request, configBody)
  const id = await commitContainer(containers, query.get('container') ?? '', {
    repository: query.get('repo') ?? '',
    tag: query.get('tag') ?? '',
    message: query.get('comment') ?? '',
    author: query.get('author') ?? '',
    pause: query.has('pause') ? flag(query, 'pause') : true,
    changes: query.getAll('changes').flatMap((text) => text.split('\n')),
    config: body,
  })
  sendJson(response, 201, { Id: id })
}

const sendCreate: Route<ContainerRouteDeps>['handle'] = async (request, response, { containers }) => {
  const { query } = request
  const body = await readJson(request, createBody)
  const asked = { name: query.get('name') ?? undefined, platform: query.get('platform') ?? undefined }
  if (!atLeast(request.version, '1.48') && body?.HostConfig?.Mounts?.some(({ Type }) => Type === 'image')) {
    throw invalid('Mount type "Image" needs API v1.48 or newer')
  }
  sendJson(response, 201, await createContainer(containers, body, asked))
}

const sendList: Route<ContainerRouteDeps>['handle'] = async ({ query }, response, { containers }) => {
  const rows = await listContainers(containers, {
    all: flag(query, 'all'),
    size: flag(query, 'size'),
    limit: queryInteger(query, 'limit') ?? 0,
    filters: parseFilters(query.get('filters'), containerFilters),
  })
  sendJson(response, 200, rows)
}

/** A verb that answers with 204 and nothing more. */
const verb =
  (run: (room: ContainerRoom, request: ApiRequest) => Promise<void>): Route<ContainerRouteDeps>['handle'] =>
  async (request, response, { containers }) => {
    await run(containers, request)
    sendEmpty(response, 204)
  }

const start = verb(async (room, request) => {
  assertNoStartBody(request)
  if (request.query.get('checkpoint')) throw invalid('checkpoint is only supported in experimental mode')
  await startContainer(room, room.records.find(idOf(request)).id)
})
const stop = verb((room, request) => stopContainer(room, idOf(request), stopOptions(request.query)))
const restart = verb((room, request) => restartContainer(room, idOf(request), stopOptions(request.query)))
const kill = verb((room, request) => killContainer(room, idOf(request), request.query.get('signal') ?? ''))
const pause = verb((room, request) => pauseContainer(room, idOf(request)))
const unpause = verb((room, request) => unpauseContainer(room, idOf(request)))
const rename = verb((room, request) => renameContainer(room, idOf(request), request.query.get('name') ?? ''))
const remove = verb(async (room, request) => {
  const { query } = request
  if (flag(query, 'link')) {
    room.records.find(idOf(request))
    throw conflict('Conflict, cannot remove the default link name of the container')
  }
  await removeContainer(room, idOf(request), { force: flag(query, 'force'), volumes: flag(query, 'v') })
})

export const containerRoutes: readonly Route<ContainerRouteDeps>[] = [
  { method: 'GET', path: '/containers/json', handle: sendList },
  { method: 'POST', path: '/containers/create', handle: sendCreate },
  {
    method: 'POST',
    path: '/containers/prune',
    since: '1.25',
    handle: async ({ query }, response, { containers }) =>
      sendJson(
        response,
        200,
        await pruneContainers(containers, parseFilters(query.get('filters'), ['label', 'label!', 'until'])),
      ),
  },
  {
    method: 'GET',
    path: '/containers/{id}/json',
    handle: async (request, response, { containers }) =>
      sendJson(response, 200, await inspectContainer(containers, idOf(request), { size: flag(request.query, 'size') })),
  },
  { method: 'POST', path: '/containers/{id}/start', handle: start },
  { method: 'POST', path: '/containers/{id}/stop', handle: stop },
  { method: 'POST', path: '/containers/{id}/restart', handle: restart },
  { method: 'POST', path: '/containers/{id}/kill', handle: kill },
  { method: 'POST', path: '/containers/{id}/pause', handle: pause },
  { method: 'POST', path: '/containers/{id}/unpause', handle: unpause },
  { method: 'POST', path: '/containers/{id}/rename', handle: rename },
  {
    method: 'POST',
    path: '/containers/{id}/update',
    handle: async (request, response, { containers }) => {
      const body = (await readJson(request, updateBody)) ?? {}
      sendJson(response, 200, await updateContainer(containers, idOf(request), body))
    },
  },
  { method: 'POST', path: '/containers/{id}/wait', handle: sendWait },
  { method: 'POST', path: '/containers/{id}/attach', hijack: true, handle: inRoom(attachContainer) },
  { method: 'GET', path: '/containers/{id}/attach/ws', hijack: true, handle: inRoom(attachByWebSocket) },
  {
    method: 'POST',
    path: '/containers/{id}/resize',
    handle: async (request, response, { containers }) => {
      await resizeContainer(containers, idOf(request), request.query)
      sendEmpty(response, 200)
    },
  },
  { method: 'GET', path: '/containers/{id}/logs', handle: inRoom(sendLogs) },
  { method: 'GET', path: '/containers/{id}/stats', handle: inRoom(sendStats) },
  {
    method: 'GET',
    path: '/containers/{id}/top',
    handle: async (request, response, { containers }) =>
      sendJson(response, 200, await topContainer(containers, idOf(request), request.query.get('ps_args') ?? '')),
  },
  {
    method: 'GET',
    path: '/containers/{id}/changes',
    handle: async (request, response, { containers }) => {
      const kinds = { modified: 0, added: 1, deleted: 2 } as const
      const changes = await containers.snapshots.changes(containers.records.find(idOf(request)).id)
      sendJson(
        response,
        200,
        changes.map(({ path, kind }) => ({ Path: path, Kind: kinds[kind] })),
      )
    },
  },
  { method: 'DELETE', path: '/containers/{id}', handle: remove },
  { method: 'POST', path: '/commit', handle: sendCommit },
  ...archiveRoutes,
  ...execRoutes,
]
