import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '@slipway/core'
import type { StoredManifest } from '../metadata/manifests.ts'
import { pushImage, startTestRegistry } from '../testing.ts'
import { RecentManifests } from './recent-manifests.ts'

const manifestOf = (length: number): StoredManifest => {
  const payload = Buffer.alloc(length, 'm')
  return { digest: digestOf(payload), mediaType: 'application/json', payload }
}

test('manifests are kept up to a size in all, the newest ones; very long ones never', () => {
  const recent = new RecentManifests()
  const long = manifestOf(200 << 10)
  for (let number = 0; number < 100; number += 1) recent.note(`a ${number}`, long)
  assert.equal(recent.get('a 0'), undefined)
  assert.equal(recent.get('a 99'), long)
  recent.note('a 99', manifestOf(300 << 10))
  assert.equal(recent.get('a 99'), undefined)
  for (let again = 0; again < 100; again += 1) recent.note('b', long)
  assert.equal(recent.get('a 98'), long)
})

test('a tag that moves, a manifest that is deleted and one that is pushed again are seen at once', async () => {
  await using registry = await startTestRegistry()
  const get = async (reference: string): Promise<string> => {
    const response = await registry.call('GET', `/v2/user/app/manifests/${reference}`)
    return response.status === 200 ? response.text() : String(response.status)
  }
  const first = await pushImage(registry, 'user/app', 'v1', { layer: 'one' })
  const second = await pushImage(registry, 'user/app', 'v2', { layer: 'two' })
  for (let round = 0; round < 2; round += 1) {
    assert.deepEqual([await get('v1'), await get(first.digest)], [first.text, first.text])
  }
  await pushImage(registry, 'user/app', 'v1', { layer: 'two' })
  assert.equal(await get('v1'), second.text)
  await registry.call('DELETE', `/v2/user/app/manifests/${first.digest}`)
  assert.deepEqual([await get(first.digest), await get('v1')], ['404', second.text])
  await pushImage(registry, 'user/app', 'v1', { layer: 'one' })
  assert.deepEqual([await get(first.digest), await get('v1')], [first.text, first.text])
  const head = await registry.call('HEAD', '/v2/user/app/manifests/v1')
  assert.equal(Number(head.headers.get('content-length')), first.text.length)
})
