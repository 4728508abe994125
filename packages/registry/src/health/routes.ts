import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { type ApiRequest, type Route, sendJson } from '@slipway/http'
import type { Registry } from '../registry.ts'
import { objectKey } from '../storage/storage.ts'

const patienceMs = 2000
/** No upload has this id. */
const nothing = '00000000-0000-4000-8000-000000000000'

/** A part that doesn't answer soon is as good as gone. */
const within = async (work: Promise<unknown>): Promise<void> => {
  const gone = new AbortController()
  const late = delay(patienceMs, undefined, { signal: gone.signal, ref: false }).then(() => {
    throw new Error(`no answer within ${patienceMs} ms`)
  })
  late.catch(() => undefined)
  try {
    await Promise.race([work, late])
  } finally {
    gone.abort()
  }
}

const check = async (work: () => Promise<unknown>): Promise<boolean> => {
  try {
    await within(work())
    return true
  } catch {
    return false
  }
}

/** `GET /healthz`: the process is alive. Whoever watches it should start it again when this doesn't come. */
const getHealth = async (_request: ApiRequest, response: ServerResponse): Promise<void> =>
  sendJson(response, 200, { status: 'ok' }, { 'Cache-Control': 'no-store' })

/** `GET /readyz`: database and storage answer, so requests may be sent here. 503 otherwise, and while it is being stopped. */
const getReadiness = async (_request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const { database, storage, lifecycle } = registry
  const parts = {
    database: await check(() => database.sql`SELECT 1 AS one`),
    storage: await check(() => storage.stat(objectKey(nothing))),
    open: !lifecycle.isStopping,
  }
  const ready = Object.values(parts).every(Boolean)
  sendJson(
    response,
    ready ? 200 : 503,
    { status: ready ? 'ok' : 'unavailable', ...parts },
    { 'Cache-Control': 'no-store' },
  )
}

export const healthRoutes: readonly Route<Registry>[] = [
  { method: 'GET', path: '/healthz', handle: getHealth },
  { method: 'GET', path: '/readyz', handle: getReadiness },
]
