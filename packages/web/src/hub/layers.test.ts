import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HubImage } from '@slipway/client'
import { layerRows } from './layers.ts'

const layer = (digest: string, size: number) => ({ mediaType: 'layer', digest, size })

const image = (layers: readonly ReturnType<typeof layer>[], history?: readonly object[]): HubImage =>
  ({ manifest: { layers }, config: history === undefined ? null : { history } }) as unknown as HubImage

test('layerRows() puts each command beside the layer that it made, the newest first', () => {
  const history = [
    { created_by: '/bin/sh -c #(nop) ADD file:1 in /' },
    { created_by: '/bin/sh -c #(nop)  ENV A=1', empty_layer: true },
    { created_by: 'RUN /bin/sh -c make' },
  ]
  assert.deepEqual(layerRows(image([layer('a', 10), layer('b', 20)], history)), [
    { command: 'RUN /bin/sh -c make', size: 20, digest: 'b' },
    { command: 'ENV A=1', size: 0, digest: undefined },
    { command: 'ADD file:1 in /', size: 10, digest: 'a' },
  ])
})

test('layerRows() believes no history that tells of other layers', () => {
  assert.deepEqual(layerRows(image([layer('a', 10)], [{ created_by: 'x' }, { created_by: 'y' }])), [
    { command: 'layer', size: 10, digest: 'a' },
  ])
  assert.deepEqual(layerRows(image([])), [])
})
