import type { EngineClient } from '../connection/engine-client.ts'
import { readJsonStream } from '../connection/json-stream.ts'
import { encodeFilters } from '../connection/query.ts'
import type { AuthConfig, AuthResponse } from '../wire/auth-config.ts'
import type { DiskUsage } from '../wire/disk-usage.ts'
import type { EventMessage } from '../wire/event-message.ts'
import type { ShutdownResponse } from '../wire/shutdown-response.ts'
import type { SystemCheck } from '../wire/system-check.ts'
import type { SystemInfo } from '../wire/system-info.ts'
import type { SystemVersion } from '../wire/system-version.ts'
import type { Filters } from './containers.ts'

export const systemInfo = (client: EngineClient): Promise<SystemInfo> => client.json({ path: '/info' })

export const systemVersion = (client: EngineClient): Promise<SystemVersion> => client.json({ path: '/version' })

export const diskUsage = (client: EngineClient): Promise<DiskUsage> => client.json({ path: '/system/df' })

/** Looks at every blob, layer and name; with `repair` mends what can be mended. An extension of our engine. */
export const systemCheck = (
  client: EngineClient,
  { repair = false }: { readonly repair?: boolean } = {},
): Promise<SystemCheck> => client.json({ method: 'POST', path: '/system/check', query: { repair } })

/** Ends every container, takes the bridges and rules away, and then the engine itself ends. An extension of our engine. */
export const shutdownEngine = (
  client: EngineClient,
  { timeout }: { readonly timeout?: number | undefined } = {},
): Promise<ShutdownResponse> => client.json({ method: 'POST', path: '/slipway/shutdown', query: { t: timeout } })

/** Asks a registry whether it knows these credentials. Throws unauthenticated. */
export const checkAuth = (client: EngineClient, auth: AuthConfig): Promise<AuthResponse | undefined> =>
  client.json({ method: 'POST', path: '/auth', json: auth })

export interface EventsOptions {
  /** Unix seconds with a fraction, RFC 3339, or a duration back from now. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly filters?: Filters
  readonly signal?: AbortSignal
}

/** Ends at `until`, or when the engine goes. */
export const systemEvents = async (
  client: EngineClient,
  { since, until, filters, signal }: EventsOptions = {},
): Promise<AsyncIterable<EventMessage>> =>
  readJsonStream(
    await client.request({ path: '/events', query: { since, until, filters: encodeFilters(filters) }, signal }),
  )
