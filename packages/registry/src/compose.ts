import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Logger, messageOf, SlipwayError, silentLogger } from '@slipway/core'
import { closeServer, createHttpServer, isLoopback, listen, type Pages, readPages } from '@slipway/http'
import { createAuthorizer } from './access/authorize.ts'
import { dropExpiredAccessTokens } from './accounts/access-tokens.ts'
import { createPasswordCheck } from './accounts/check-password.ts'
import { hasAccounts } from './accounts/records.ts'
import { apiRoutes } from './api/routes.ts'
import { ociError, renderOciError } from './distribution/oci-error.ts'
import { distributionRoutes } from './distribution/routes.ts'
import { sweepUploads } from './distribution/sweep.ts'
import { UploadWriters } from './distribution/upload-writers.ts'
import { Collector } from './gc/collector.ts'
import { hubPageRoutes, hubRoutes } from './hub/routes.ts'
import { dropExpiredSessions } from './hub/sessions.ts'
import { defaultRetention, type Retention } from './metadata/retention.ts'
import { lockPlaces, openRegistryDatabase, openStorage, type Places, tokenKeyOf } from './places.ts'
import type { Registry, RegistrySettings } from './registry.ts'
import { searchRoutes } from './search/routes.ts'
import { tokenRoutes } from './tokens/routes.ts'

export interface RegistryOptions extends Places {
  /** Port 0: any free one. */
  readonly listen: { readonly host: string; readonly port: number }
  readonly logger?: Logger
  /** The folder with the built pages; default: the checkout's own. */
  readonly pages?: string
  /** How long what nobody holds any more is kept; the default for what isn't given. */
  readonly retention?: Partial<Retention>
  /** Rest between two passes of the garbage collector; default a minute. */
  readonly collectEveryMs?: number
  /** The defaults for what isn't given. */
  readonly settings?: Partial<RegistrySettings>
}

export const defaultSettings: RegistrySettings = { visibility: 'public', identityTokens: false }

/** What the package `web` has built. */
const builtPages = join(import.meta.dirname, '../../web/dist')

export interface RunningRegistry extends AsyncDisposable {
  /** Where it answers: `127.0.0.1:5000`. */
  readonly address: string
  readonly port: number
  /** Takes no new requests, and lets those under way come to their end for a while. */
  close(): Promise<void>
}

const sweepEveryMs = 60 * 60 * 1000
const collectEveryMs = 60 * 1000
/** No byte for so long: the client is gone, though its connection isn't. */
const silenceMs = 5 * 60 * 1000
const graceMs = 10_000

const headers = {
  'Docker-Distribution-API-Version': 'registry/2.0',
  // A blob is whatever someone pushed: no browser is to take it for a page of this address.
  'X-Content-Type-Options': 'nosniff',
}

const logAnswer = (logger: Logger, { method, url, headers }: IncomingMessage, response: ServerResponse): void => {
  const began = performance.now()
  response.once('close', () => {
    const ms = Math.round(performance.now() - began)
    logger.debug({ method, url, status: response.statusCode, ms, agent: headers['user-agent'] }, 'answered')
  })
}

const createServer = (registry: Registry, pages: Pages): Server => {
  const server = createHttpServer({
    routes: [...distributionRoutes, ...tokenRoutes, ...searchRoutes, ...hubRoutes, ...apiRoutes, ...hubPageRoutes],
    deps: { ...registry, pages },
    logger: registry.logger,
    headers,
    renderError: renderOciError(registry.logger),
    noRoute: (_method, _path, pathIsKnown) => ociError(pathIsKnown ? 'UNSUPPORTED' : 'NOT_FOUND'),
  })
  server.on('request', (request, response) => logAnswer(registry.logger, request, response))
  return server.setTimeout(silenceMs)
}

const sweepRegularly = (registry: Registry): (() => void) => {
  const sweepAll = async (): Promise<number> => {
    await dropExpiredAccessTokens(registry.database.sql, new Date())
    await dropExpiredSessions(registry.database.sql, new Date())
    return sweepUploads(registry)
  }
  const sweep = (): void => {
    sweepAll().then(
      (dropped) => dropped > 0 && registry.logger.info({ dropped }, 'expired uploads dropped'),
      (error) => registry.logger.warn({ error: messageOf(error) }, 'expired uploads could not be dropped'),
    )
  }
  sweep()
  const timer = setInterval(sweep, sweepEveryMs).unref()
  return () => clearInterval(timer)
}

const refuseOpenDoor = (host: string): SlipwayError =>
  new SlipwayError(
    'conflict',
    `this registry has no accounts, so everyone who reaches it may push: it listens on loopback only, not on ${host}. ` +
      'Make an account first: slipway registry user add NAME --password-stdin',
  )

/**
 * Starts a registry over its places. Throws conflict when it would be open to the network, or the address is taken.
 * The parts list of the program: implementations are named here, and in `places.ts`, and nowhere else.
 */
export const startRegistry = async (options: RegistryOptions): Promise<RunningRegistry> => {
  const { logger = silentLogger } = options
  await using stack = new AsyncDisposableStack()
  const database = stack.use(await openRegistryDatabase(options))
  stack.use(await lockPlaces(options))
  const local = isLoopback(options.listen.host)
  if (!local && !(await hasAccounts(database.sql))) throw refuseOpenDoor(options.listen.host)

  const storage = openStorage(options)
  await storage.prepare()
  const retention = { ...defaultRetention, ...options.retention }
  const settings = { ...defaultSettings, ...options.settings }
  const collecting = { database, storage, retention, logger }
  const registry: Registry = {
    database,
    storage,
    retention,
    collector: stack.use(new Collector(collecting, options.collectEveryMs ?? collectEveryMs)),
    settings,
    authorizer: createAuthorizer(database, { openWithoutAccounts: local, visibility: settings.visibility }),
    checkPassword: createPasswordCheck(database),
    tokenKey: await tokenKeyOf(options, database),
    writers: stack.use(new UploadWriters(storage)),
    logger,
  }
  const server = createServer(registry, { files: await readPages(options.pages ?? builtPages), index: '/hub.html' })
  await listen(server, { kind: 'tcp', ...options.listen })
  stack.defer(() => closeServer(server, graceMs))
  stack.defer(sweepRegularly(registry))
  registry.collector.start()

  const running = stack.move()
  const { address, family, port } = server.address() as AddressInfo
  const close = (): Promise<void> => running.disposeAsync()
  return {
    address: family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`,
    port,
    close,
    [Symbol.asyncDispose]: close,
  }
}
