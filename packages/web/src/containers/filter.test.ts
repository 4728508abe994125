import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerSummary } from '@slipway/client'
import { filterContainers } from './filter.ts'

const container = (name: string, image: string, State: string): ContainerSummary =>
  ({ Names: [`/${name}`], Image: image, State, Status: State }) as unknown as ContainerSummary

const all = [container('web', 'nginx', 'running'), container('db', 'postgres', 'exited')]

test('filterContainers() finds by name, image and state, and leaves out what has ended', () => {
  const namesFor = (text: string, withEnded = true): readonly unknown[] =>
    filterContainers(all, { text, all: withEnded }).map(({ Names }) => Names[0])
  assert.deepEqual(namesFor(''), ['/web', '/db'])
  assert.deepEqual(namesFor('', false), ['/web'])
  assert.deepEqual(namesFor(' NGINX '), ['/web'])
  assert.deepEqual(namesFor('exited'), ['/db'])
  assert.deepEqual(namesFor('nothing'), [])
})
