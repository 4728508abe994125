import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SystemEvent } from '@slipway/core'
import { eventMatcher } from './event-filter.ts'

const at = new Date(0)
const events: readonly SystemEvent[] = [
  { type: 'container', action: 'start', id: 'c0ffee', attributes: { image: 'busybox:1', name: 'web', z: '1' }, at },
  { type: 'container', action: 'exec_create: true', id: 'c0ffee', attributes: { image: 'busybox:1', name: 'web' }, at },
  { type: 'network', action: 'connect', id: 'ab12', attributes: { name: 'bridge', container: 'c0ffee' }, at },
  { type: 'image', action: 'tag', id: 'sha256:cafe', attributes: { name: 'busybox:1' }, at },
]

const cases: readonly (readonly [name: string, value: string, matches: readonly number[]])[] = [
  ['container', 'web', [0, 1]],
  ['container', 'we', [0, 1]],
  ['container', 'c0f', [0, 1]],
  ['container', 'bridge', [2]],
  ['network', 'bri', [2]],
  ['volume', 'web', [0, 1]],
  ['image', 'busybox', [0, 1, 3]],
  ['image', 'busybox:1', [0, 1, 3]],
  ['image', 'busy', []],
  ['image', 'sha256:cafe', [3]],
  ['scope', 'local', [0, 1, 2, 3]],
  ['scope', 'swarm', []],
  ['event', 'exec_create', [1]],
  ['event', 'exec', []],
  ['type', 'image', [3]],
  ['label', 'z=1', [0]],
  ['nonsense', 'x', [0, 1, 2, 3]],
]
for (const [name, value, matches] of cases) {
  test(`events with ${name}=${value}`, () => {
    const isWanted = eventMatcher(new Map([[name, [value]]]))
    assert.deepEqual(
      events.flatMap((event, index) => (isWanted(event) ? [index] : [])),
      matches,
    )
  })
}
