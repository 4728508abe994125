import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseReference } from '@slipway/core'
import { areWithin, coversHost, isLoopback } from './address.ts'
import { connectRegistry } from './registry.ts'
import { seedImage, startTinyRegistry } from './testing/tiny-registry.ts'
import { drain, Transport } from './transport.ts'

test('hosts are compared as addresses', () => {
  assert.equal(isLoopback('127.8.9.1:5000'), true)
  assert.equal(isLoopback('[::1]:5000'), true)
  assert.equal(isLoopback('128.0.0.1'), false)
  assert.equal(coversHost('10.0.0.0/8', '10.1.2.3:80'), true)
  assert.equal(coversHost('reg.example', 'reg.example:5000'), true)
  assert.equal(coversHost('reg.example:5001', 'reg.example:5000'), false)
  assert.equal(coversHost('fd00::/8', '[fd00::1]:5000'), true)
})

test('a name is as trusted as all of its addresses', () => {
  const [here, also, near, far] = [
    { address: '127.0.0.1', family: 4 },
    { address: '::1', family: 6 },
    { address: '10.1.2.3', family: 4 },
    { address: '192.0.2.1', family: 4 },
  ] as const
  assert.equal(areWithin([here, also], []), true)
  assert.equal(areWithin([here, near], []), false)
  assert.equal(areWithin([here, near], ['10.0.0.0/8']), true)
  assert.equal(areWithin([near, far], ['10.0.0.0/8']), false)
  assert.equal(areWithin([], ['0.0.0.0/0']), false)
})

test('who is called by a name of this machine may speak plain HTTP, and is asked nowhere else', async () => {
  await using registry = await startTinyRegistry()
  const manifest = seedImage(registry, 'user/web:v1', [])
  // A name, for all that we know of it, which every machine has.
  const name = registry.host.replace(/^.*:/, 'LOCALHOST:')
  await using remote = connectRegistry({ registry: name, repository: 'user/web' })
  assert.deepEqual(await remote.resolve(parseReference('registry.example/user/web:v1')), manifest)

  await using transport = new Transport({ host: 'registry.test:1', insecure: false })
  await transport.relax([{ address: '127.0.0.1', family: 4 }])
  const url = new URL(`http://registry.test:${registry.host.replace(/^.*:/, '')}/v2/`)
  const response = await transport.send({ method: 'GET', url })
  assert.equal(response.status, 200)
  await drain(response)
})
