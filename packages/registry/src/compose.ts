import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type Logger, messageOf, SlipwayError, type Sql, silentLogger } from '@slipway/core'
import { withReserve } from '@slipway/database'
import { closeServer, isLoopback, listen, readPages } from '@slipway/http'
import { createAuthorizer } from './access/authorize.ts'
import { dropExpiredAccessTokens } from './accounts/access-tokens.ts'
import { createPasswordCheck } from './accounts/check-password.ts'
import { hasAccounts } from './accounts/records.ts'
import { dropOldAttempts } from './accounts/shared-attempts.ts'
import { dropOldEvents } from './audit/events.ts'
import { AuditLog } from './audit/log.ts'
import { usualPace } from './distribution/pace.ts'
import { RecentManifests } from './distribution/recent-manifests.ts'
import { sweepUploads } from './distribution/sweep.ts'
import { UploadWriters } from './distribution/upload-writers.ts'
import { dropOldFeed } from './feed/events.ts'
import { Feed } from './feed/feed.ts'
import { Collector } from './gc/collector.ts'
import { dropExpiredSessions } from './hub/sessions.ts'
import { createLimit, type Rates } from './limits/limits.ts'
import { defaultRetention, type Retention } from './metadata/retention.ts'
import { gcFigures } from './metrics/gc.ts'
import { Metrics } from './metrics/metrics.ts'
import { lockPlaces, openRegistryDatabase, openReserve, openStorage, type Places, tokenKeyOf } from './places.ts'
import { PullCounter } from './pulls/counter.ts'
import type { Registry, RegistrySettings } from './registry.ts'
import { createServer } from './server.ts'
import { openSignIn } from './sign-in/open.ts'
import type { SignInSettings } from './sign-in/settings.ts'
import { dropExpiredInvitations } from './sign-in/sign-up/invitations.ts'
import { type CertificateFiles, readCertificate, reloadCertificate } from './tls/certificate.ts'
import { openTraces } from './trace/traces.ts'
import { WebhookSender } from './webhooks/sender.ts'

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
  /** How often the retention rules of a project are applied; default once a day. */
  readonly retainEveryMs?: number
  /** The defaults for what isn't given. */
  readonly settings?: Partial<RegistrySettings>
  /** The ways to sign in; the defaults for what isn't given. */
  readonly signIn?: Partial<SignInSettings>
  /** Without it, plain HTTP: to where only this machine can reach it, unless `allowPlainHttp`. */
  readonly tls?: CertificateFiles | undefined
  readonly allowPlainHttp?: boolean
  readonly rates?: Rates
  /** Whether there are figures for Prometheus; default yes. */
  readonly metrics?: boolean
  /** Where an OpenTelemetry collector takes traces: `http://127.0.0.1:4318`. */
  readonly traces?: string | undefined
  /** Without a byte for so long, a client is gone, though its connection isn't; default five minutes. */
  readonly silenceMs?: number
  /** How long it is remembered who did what; default 90 days. */
  readonly keepAuditMs?: number
  /**
   * Whether webhooks may reach addresses that are not public (default no), and the rest between two looks at what is to be told.
   */
  readonly webhooks?: { readonly allowPrivate: boolean; readonly intervalMs?: number }
}

const defaultSettings: RegistrySettings = {
  visibility: 'public',
  identityTokens: false,
  behindProxy: false,
  accessLog: false,
  auditPulls: false,
  projects: 'everyone',
  projectQuota: null,
  bodyMs: 2 * 60 * 1000,
  uploadPace: usualPace,
}

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
const retainEveryMs = 24 * 60 * 60 * 1000
const keepAuditMs = 90 * 24 * 60 * 60 * 1000
const keepFeedMs = 7 * 24 * 60 * 60 * 1000
const noRates: Rates = { requests: undefined, pulls: undefined }
const reloadEveryMs = 5000
const graceMs = 10_000

const sweepRegularly = (registry: Registry, keepAuditMs: number): (() => void) => {
  const sweepAll = async (): Promise<number> => {
    await dropExpiredAccessTokens(registry.database.sql, new Date())
    await dropOldAttempts(registry.database.sql, new Date())
    await dropExpiredSessions(registry.database.sql, new Date())
    await dropExpiredInvitations(registry.database.sql, new Date())
    await dropOldEvents(registry.database.sql, new Date(Date.now() - keepAuditMs))
    await dropOldFeed(registry.database.sql, new Date(Date.now() - keepFeedMs))
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

const noAccounts = (host: string): SlipwayError =>
  new SlipwayError(
    'conflict',
    `this registry has no accounts, so everyone who reaches it may push: it listens on loopback only, not on ${host}. ` +
      'Make an account first: slipway registry user add NAME --password-stdin',
  )

const noTls = (host: string): SlipwayError =>
  new SlipwayError(
    'conflict',
    `without TLS, passwords would be read by who listens on the way: it listens on loopback only, not on ${host}. ` +
      'Give it a certificate (--tls-cert, --tls-key), or allow it, where a proxy or the network protects it: --allow-plain-http',
  )

/** Throws conflict where a registry would be open to others than it should. */
const guardDoor = async ({ listen: { host }, tls, allowPlainHttp }: RegistryOptions, sql: Sql): Promise<void> => {
  if (isLoopback(host)) return
  if (!(await hasAccounts(sql))) throw noAccounts(host)
  if (tls === undefined && !allowPlainHttp) throw noTls(host)
}

/**
 * Starts a registry over its places. Throws conflict when it would be open to the network, or the address is taken.
 * The parts list of the program: implementations are named here, and in `places.ts`, and nowhere else.
 */
export const startRegistry = async (options: RegistryOptions): Promise<RunningRegistry> => {
  const { logger = silentLogger } = options
  await using stack = new AsyncDisposableStack()
  const opened = stack.use(await openRegistryDatabase(options))
  stack.use(await lockPlaces(options))
  const reserve = stack.use(await openReserve(options, logger))
  const database = reserve ? withReserve(opened, reserve) : opened
  await guardDoor(options, database.sql)
  const tls = options.tls && (await readCertificate(options.tls))

  const storage = stack.use(await openStorage(options))
  await storage.prepare()
  const retention = { ...defaultRetention, ...options.retention }
  const settings = { ...defaultSettings, ...options.settings }
  const collecting = { database, storage, retention, logger }
  const lifecycle = { isStopping: false }
  const tokenKey = await tokenKeyOf(options, database)
  const signIn = openSignIn({ database, key: tokenKey, logger }, options.signIn)
  const registry: Registry = {
    database,
    storage,
    hasRoom: async () => reserve === undefined || reserve.isKept(),
    retention,
    collector: stack.use(
      new Collector(collecting, {
        intervalMs: options.collectEveryMs ?? collectEveryMs,
        retainEveryMs: options.retainEveryMs ?? retainEveryMs,
      }),
    ),
    settings,
    authorizer: createAuthorizer(database, {
      openWithoutAccounts: isLoopback(options.listen.host),
      visibility: settings.visibility,
    }),
    checkPassword: createPasswordCheck(database, signIn),
    signIn,
    tokenKey,
    writers: stack.use(new UploadWriters(storage)),
    manifests: new RecentManifests(),
    limit: createLimit(options.rates ?? noRates, settings.behindProxy),
    pulls: stack.use(new PullCounter(database, logger)),
    audit: stack.use(new AuditLog(database, logger)),
    feed: stack.use(new Feed(database, logger)),
    metrics: options.metrics === false ? undefined : new Metrics(gcFigures(database)),
    traces: options.traces === undefined ? undefined : stack.use(await openTraces(options.traces)),
    lifecycle,
    logger,
  }
  const pages = { files: await readPages(options.pages ?? builtPages), index: '/hub.html' }
  const server = createServer(registry, pages, { tls, silenceMs: options.silenceMs })
  await listen(server, { kind: 'tcp', ...options.listen })
  stack.defer(() => closeServer(server, graceMs))
  if (options.tls && tls) {
    stack.use(reloadCertificate(server, { files: options.tls, now: tls, everyMs: reloadEveryMs, logger }))
  }
  stack.defer(sweepRegularly(registry, options.keepAuditMs ?? keepAuditMs))
  registry.collector.start()
  stack.use(new WebhookSender({ database, logger, allowPrivate: false, ...options.webhooks })).start()

  const running = stack.move()
  const { address, family, port } = server.address() as AddressInfo
  const close = (): Promise<void> => {
    lifecycle.isStopping = true
    // Or the server would wait for those who watch.
    registry.feed.end()
    return running.disposeAsync()
  }
  return {
    address: family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`,
    port,
    close,
    [Symbol.asyncDispose]: close,
  }
}
