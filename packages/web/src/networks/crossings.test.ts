import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerSummary, NetworkInspect } from '@slipway/client'
import { columnsOf, railsOf } from './crossings.ts'

const container = (name: string, State: string, networks: Record<string, string>): ContainerSummary =>
  ({
    Id: name,
    Names: [`/${name}`],
    State,
    NetworkSettings: {
      Networks: Object.fromEntries(Object.entries(networks).map(([network, IPAddress]) => [network, { IPAddress }])),
    },
  }) as unknown as ContainerSummary

test('the picture shows who runs and has an address, and the networks that somebody is on', () => {
  const columns = columnsOf([
    container('web', 'running', { back: '10.0.0.3', bridge: '172.17.0.2' }),
    container('old', 'exited', { bridge: '' }),
    container('app', 'running', { back: '10.0.0.2' }),
    container('bare', 'running', { host: '' }),
  ])
  assert.deepEqual(
    columns.map(({ name, crossings }) => [name, crossings.length]),
    [
      ['app', 1],
      ['web', 2],
    ],
  )
  const networks = ['bridge', 'host', 'back', 'idle'].map((Name) => ({ Name }) as NetworkInspect)
  assert.deepEqual(railsOf(networks, columns), ['bridge', 'back'])
})
