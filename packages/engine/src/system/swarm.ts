import { SlipwayError } from '@slipway/core'
import type { Method, Route } from '@slipway/http'

type Handle = Route<unknown>['handle']

const refuse =
  (code: 'unavailable' | 'unsupported', words: string): Handle =>
  async () => {
    throw new SlipwayError(code, words)
  }

/** An engine that isn't in a swarm, in dockerd's words. */
export const noSwarm =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'
const notManager = refuse('unavailable', noSwarm)
const notMember = refuse('unavailable', 'This node is not part of a swarm')
const noSwarms = refuse('unsupported', 'swarm mode is not supported by this engine')

/** Kinds of things that only a swarm has, each with its paths behind `/<kind>`. */
const things: Readonly<Record<string, readonly (readonly [Method, string])[]>> = {
  nodes: [
    ['DELETE', '/{id}'],
    ['POST', '/{id}/update'],
  ],
  services: [
    ['POST', '/create'],
    ['POST', '/{id}/update'],
    ['DELETE', '/{id}'],
    ['GET', '/{id}/logs'],
  ],
  tasks: [['GET', '/{id}/logs']],
  secrets: [
    ['POST', '/create'],
    ['POST', '/{id}/update'],
    ['DELETE', '/{id}'],
  ],
  configs: [
    ['POST', '/create'],
    ['POST', '/{id}/update'],
    ['DELETE', '/{id}'],
  ],
}

export const swarmRoutes: readonly Route<unknown>[] = [
  { method: 'GET', path: '/swarm', handle: notManager },
  { method: 'GET', path: '/swarm/unlockkey', handle: notManager },
  { method: 'POST', path: '/swarm/unlock', handle: notManager },
  { method: 'POST', path: '/swarm/update', handle: notManager },
  { method: 'POST', path: '/swarm/leave', handle: notMember },
  { method: 'POST', path: '/swarm/init', handle: noSwarms },
  { method: 'POST', path: '/swarm/join', handle: noSwarms },
  ...Object.entries(things).flatMap(([kind, paths]) =>
    [['GET', ''] as const, ['GET', '/{id}'] as const, ...paths].map(
      ([method, path]): Route<unknown> => ({ method, path: `/${kind}${path}`, handle: notManager }),
    ),
  ),
]
