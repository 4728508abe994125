import { mkdir } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { EngineClient, type EngineTls } from '@slipway/client'
import { type Logger, silentLogger } from '@slipway/core'
import { closeServer, createHttpServer, listen, type Pages, type Route, readPages } from '@slipway/http'
import { type EngineRouteDeps, engineRoutes } from './engine/routes.ts'
import { UsageSampler } from './engine/usage.ts'
import { renderError } from './http-status.ts'
import { pageRoutes } from './page-routes.ts'
import { checkHost } from './session/guard.ts'
import { ensureKey } from './session/key.ts'
import { sessionRoutes } from './session/routes.ts'
import { Sessions } from './session/sessions.ts'

export interface DashboardOptions {
  /** Port 0: any free one. It speaks plain HTTP: what isn't loopback belongs behind a proxy with TLS. */
  readonly listen: { readonly host: string; readonly port: number }
  /** `unix:///run/slipway/slipway.sock`: any engine that speaks Docker's API. */
  readonly engine: string
  readonly tls?: EngineTls
  /** Where the key that opens it is kept; made if it isn't there. */
  readonly keyFile: string
  /** Further names that it answers to, for a proxy in front of it. */
  readonly names?: readonly string[]
  /** Default: what the package `web` has built. */
  readonly pages?: string
  readonly logger?: Logger
}

export interface RunningDashboard extends AsyncDisposable {
  /** `http://127.0.0.1:5080` */
  readonly address: string
  /** Opens it: with the key behind the `#`, which browsers send to no server and no log. */
  readonly link: string
}

type Deps = EngineRouteDeps & { readonly pages: Pages }

const routes: readonly Route<Deps>[] = [...sessionRoutes, ...engineRoutes, ...pageRoutes]

const headers = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

const builtPages = join(import.meta.dirname, '../../web/dist')

const answeringOnlyTo = (names: readonly string[], route: Route<Deps>): Route<Deps> => ({
  ...route,
  handle: async (request, response, deps) => {
    checkHost(request.raw, names)
    await route.handle(request, response, deps)
  },
})

/** Starts the dashboard over an engine. Throws conflict when the address is taken. The parts list of the program. */
export const startDashboard = async (options: DashboardOptions): Promise<RunningDashboard> => {
  const { logger = silentLogger, names = [] } = options
  await using stack = new AsyncDisposableStack()
  await mkdir(dirname(options.keyFile), { recursive: true, mode: 0o700 })
  const key = await ensureKey(options.keyFile)
  const client = stack.use(new EngineClient({ host: options.engine, ...(options.tls ? { tls: options.tls } : {}) }))
  const usage = stack.use(new UsageSampler(client))
  const pages = { files: await readPages(options.pages ?? builtPages), index: '/index.html' }
  const server = createHttpServer({
    routes: routes.map((route) => answeringOnlyTo(names, route)),
    deps: { sessions: new Sessions({ key }), client, usage, pages },
    logger,
    headers,
    renderError: renderError(logger),
  })
  await listen(server, { kind: 'tcp', ...options.listen })
  stack.defer(() => closeServer(server))
  const { port } = server.address() as AddressInfo
  const { host } = options.listen
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const parts = stack.move()
  return { address, link: `${address}/#key=${key}`, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}
