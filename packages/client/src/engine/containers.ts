import type { IncomingMessage } from 'node:http'
import type { EngineClient } from '../connection/engine-client.ts'
import { readJsonStream } from '../connection/json-stream.ts'
import { encodeFilters } from '../connection/query.ts'
import type {
  ContainerCreateBody,
  ContainerCreateResponse,
  ContainerUpdateBody,
  ContainerUpdateResponse,
} from '../wire/container-create.ts'
import type { ContainerInspect } from '../wire/container-inspect.ts'
import type { ContainerStats } from '../wire/container-stats.ts'
import type { ContainerSummary } from '../wire/container-summary.ts'
import type { ContainerTop } from '../wire/container-top.ts'
import type { FilesystemChange } from '../wire/filesystem-change.ts'
import type { ContainersPruneResponse } from '../wire/prune-response.ts'
import type { WaitCondition, WaitResponse } from '../wire/wait-response.ts'

/** Filters by name, each with the values of which one must match. */
export type Filters = Readonly<Record<string, readonly string[]>>

const at = (id: string, verb = ''): string => `/containers/${encodeURIComponent(id)}${verb}`

export interface ListContainersOptions {
  readonly all?: boolean
  readonly limit?: number
  readonly size?: boolean
  readonly filters?: Filters
}

export const listContainers = (
  client: EngineClient,
  { all = false, limit, size = false, filters }: ListContainersOptions = {},
): Promise<readonly ContainerSummary[]> =>
  client.json({ path: '/containers/json', query: { all, limit, size, filters: encodeFilters(filters) } })

export const createContainer = (
  client: EngineClient,
  body: ContainerCreateBody,
  { name, platform, signal }: { name?: string; platform?: string; signal?: AbortSignal } = {},
): Promise<ContainerCreateResponse> =>
  client.json({ method: 'POST', path: '/containers/create', query: { name, platform }, json: body, signal })

export const inspectContainer = (
  client: EngineClient,
  id: string,
  { size = false }: { size?: boolean } = {},
): Promise<ContainerInspect> => client.json({ path: at(id, '/json'), query: { size } })

export const startContainer = (
  client: EngineClient,
  id: string,
  { detachKeys }: { detachKeys?: string | undefined } = {},
): Promise<void> => client.send({ method: 'POST', path: at(id, '/start'), query: { detachKeys } })

export interface StopOptions {
  /** Seconds until it is killed; -1: never. */
  readonly timeout?: number | undefined
  readonly signal?: string | undefined
}

export const stopContainer = (client: EngineClient, id: string, { timeout, signal }: StopOptions = {}): Promise<void> =>
  client.send({ method: 'POST', path: at(id, '/stop'), query: { t: timeout, signal } })

export const restartContainer = (
  client: EngineClient,
  id: string,
  { timeout, signal }: StopOptions = {},
): Promise<void> => client.send({ method: 'POST', path: at(id, '/restart'), query: { t: timeout, signal } })

export const killContainer = (client: EngineClient, id: string, signal?: string): Promise<void> =>
  client.send({ method: 'POST', path: at(id, '/kill'), query: { signal } })

export const pauseContainer = (client: EngineClient, id: string): Promise<void> =>
  client.send({ method: 'POST', path: at(id, '/pause') })

export const unpauseContainer = (client: EngineClient, id: string): Promise<void> =>
  client.send({ method: 'POST', path: at(id, '/unpause') })

export const renameContainer = (client: EngineClient, id: string, name: string): Promise<void> =>
  client.send({ method: 'POST', path: at(id, '/rename'), query: { name } })

export const updateContainer = (
  client: EngineClient,
  id: string,
  body: ContainerUpdateBody,
): Promise<ContainerUpdateResponse> => client.json({ method: 'POST', path: at(id, '/update'), json: body })

export interface RemoveContainerOptions {
  readonly force?: boolean
  /** Its anonymous volumes as well. */
  readonly volumes?: boolean
  readonly link?: boolean
}

export const removeContainer = (
  client: EngineClient,
  id: string,
  { force = false, volumes = false, link = false }: RemoveContainerOptions = {},
): Promise<void> => client.send({ method: 'DELETE', path: at(id), query: { force, v: volumes, link } })

/**
 * Two promises in one: the first resolves when the engine has begun to wait, so that a start after it can't be missed;
 * its `exit` resolves with the end of the container.
 */
export const waitContainer = async (
  client: EngineClient,
  id: string,
  { condition, signal }: { condition?: WaitCondition; signal?: AbortSignal } = {},
): Promise<{ readonly exit: Promise<WaitResponse> }> => {
  const response = await client.request({ method: 'POST', path: at(id, '/wait'), query: { condition }, signal })
  const exit = readWait(response)
  exit.catch(() => undefined)
  return { exit }
}

const readWait = async (response: IncomingMessage): Promise<WaitResponse> => {
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  return JSON.parse(text) as WaitResponse
}

/** Terminal size; the engine ignores it before the start. */
export const resizeContainer = (
  client: EngineClient,
  id: string,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<void> => client.send({ method: 'POST', path: at(id, '/resize'), query: { h: height, w: width } })

export interface LogsOptions {
  readonly stdout?: boolean
  readonly stderr?: boolean
  readonly follow?: boolean
  /** Unix seconds with a fraction, RFC 3339, or a duration back from now. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly timestamps?: boolean
  readonly details?: boolean
  /** A number, or `all`. */
  readonly tail?: string | undefined
  readonly signal?: AbortSignal
}

/** Frames (see `copyFrames`), or the plain bytes when the container has a terminal. */
export const containerLogs = (
  client: EngineClient,
  id: string,
  { stdout = true, stderr = true, signal, ...query }: LogsOptions = {},
): Promise<IncomingMessage> => client.request({ path: at(id, '/logs'), query: { stdout, stderr, ...query }, signal })

export const topContainer = (
  client: EngineClient,
  id: string,
  psArguments: readonly string[] = [],
): Promise<ContainerTop> =>
  client.json({
    path: at(id, '/top'),
    query: { ps_args: psArguments.length === 0 ? undefined : psArguments.join(' ') },
  })

export const containerChanges = (client: EngineClient, id: string): Promise<readonly FilesystemChange[] | null> =>
  client.json({ path: at(id, '/changes') })

export const pruneContainers = (client: EngineClient, filters?: Filters): Promise<ContainersPruneResponse> =>
  client.json({ method: 'POST', path: '/containers/prune', query: { filters: encodeFilters(filters) } })

/** A sample a second until `signal`, or the removal of the container; without `stream` one. */
export async function* containerStats(
  client: EngineClient,
  id: string,
  { stream = true, oneShot = false, signal }: { stream?: boolean; oneShot?: boolean; signal?: AbortSignal } = {},
): AsyncIterable<ContainerStats> {
  const query = { stream: stream ? '1' : '0', 'one-shot': oneShot || undefined }
  yield* readJsonStream<ContainerStats>(await client.request({ path: at(id, '/stats'), query, signal }))
}

/** The container's file system as a tar. */
export const exportContainer = (client: EngineClient, id: string): Promise<IncomingMessage> =>
  client.request({ path: at(id, '/export') })
