import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mediaTypes } from '@slipway/core'
import { makeImage, pushImage, putManifest, startTestRegistry, type TestRegistry } from '../testing.ts'

const summaryOf = async (registry: TestRegistry) =>
  (await (await registry.call('GET', '/api/v1/repositories/team/app/-/summary')).json()) as {
    pulls: number
    pulledAt: string | null
  }

test('a pull is an image that was fetched, once for an index and its image, and is known after a restart', async () => {
  await using registry = await startTestRegistry()
  const image = await pushImage(registry, 'team/app', 'v1')
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [{ mediaType: mediaTypes.ociManifest, digest: image.digest, size: image.text.length }],
  }
  assert.equal((await putManifest(registry, 'team/app', 'multi', index)).status, 201)
  assert.deepEqual([(await summaryOf(registry)).pulls, (await summaryOf(registry)).pulledAt], [0, null])
  const before = new Date().toISOString()
  await registry.call('HEAD', '/v2/team/app/manifests/v1')
  for (const reference of ['multi', image.digest, 'v1']) {
    await (await registry.call('GET', `/v2/team/app/manifests/${reference}`)).text()
  }
  await registry.restart()
  const { pulls, pulledAt } = await summaryOf(registry)
  assert.equal(pulls, 2)
  assert.ok(pulledAt !== null && pulledAt >= before)
})

test('tags tell their platforms, of images and of indexes, also when they are asked again', async () => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'team/app', 'arm', { config: { os: 'linux', architecture: 'arm64', variant: 'v8' } })
  await pushImage(registry, 'team/app', 'odd', { config: { os: '<b>', architecture: 7 } })
  const image = await makeImage(registry, 'team/app')
  assert.equal((await putManifest(registry, 'team/app', image.digest, image.text)).status, 201)
  const part = { mediaType: mediaTypes.ociManifest, digest: image.digest, size: image.text.length }
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [
      { ...part, platform: { os: 'linux', architecture: 'amd64' } },
      { ...part, platform: { os: 'linux', architecture: 's390x' } },
      { ...part, platform: { os: 'unknown', architecture: 'unknown' } },
    ],
  }
  assert.equal((await putManifest(registry, 'team/app', 'multi', index)).status, 201)
  for (const _ of ['read', 'noted']) {
    const { tags } = (await (await registry.call('GET', '/api/v1/repositories/team/app/-/tags')).json()) as {
      tags: { name: string; platforms: string[] }[]
    }
    assert.deepEqual(
      tags.map(({ name, platforms }) => [name, String(platforms)]),
      [
        ['arm', 'linux/arm64/v8'],
        ['multi', 'linux/amd64,linux/s390x'],
        ['odd', ''],
      ],
    )
  }
})
