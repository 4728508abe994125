import type { EngineClient } from '@slipway/client'
import { checkOwnPage, JsonStream, type Route } from '@slipway/http'
import { checkSession } from '../session/guard.ts'
import type { Sessions } from '../session/sessions.ts'
import { enginePrefix, forward } from './forward.ts'
import { openTerminal } from './terminal.ts'
import type { UsageSampler } from './usage.ts'

export interface EngineRouteDeps {
  readonly sessions: Sessions
  readonly client: EngineClient
  readonly usage: UsageSampler
}

type EngineRoute = Route<EngineRouteDeps>

/** A page that is open in a browser, signed in, and ours: only that may do anything with the engine. */
const guarded =
  (handle: EngineRoute['handle']): EngineRoute['handle'] =>
  async (request, response, deps) => {
    checkOwnPage(request.raw)
    checkSession(request.raw, deps.sessions)
    await handle(request, response, deps)
  }

const forwarded = (method: EngineRoute['method']): EngineRoute => ({
  method,
  path: `${enginePrefix}/{path...}`,
  handle: guarded((request, response, { client }) => forward(client, request, response)),
})

export const engineRoutes: readonly EngineRoute[] = [
  {
    // What all running containers use, a line every two seconds.
    method: 'GET',
    path: '/api/usage',
    handle: guarded(async ({ signal }, response, { usage }) => {
      const stream = new JsonStream(response, { separator: '\n' })
      stream.open()
      usage.watch((sample) => {
        // Who doesn't read gets the newest sample later, not all of them.
        if (!response.writableNeedDrain) stream.write(sample)
      }, signal)
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    }),
  },
  {
    method: 'GET',
    path: '/api/terminal/{id}',
    hijack: true,
    handle: guarded((request, response, { client }) => openTerminal(client, request, response)),
  },
  ...(['GET', 'POST', 'PUT', 'DELETE'] as const).map(forwarded),
]
