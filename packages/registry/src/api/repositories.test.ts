import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf, mediaTypes } from '@slipway/core'
import { makeAccount, makeImage, pushImage, putManifest, startTestRegistry, type TestRegistry } from '../testing.ts'

const api = (registry: TestRegistry, method: string, path: string, body?: object): Promise<Response> =>
  registry.call(method, `/api/v1/repositories/${path}`, {
    ...(body ? { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } } : {}),
  })

const head = async (registry: TestRegistry, path: string): Promise<number> =>
  (await registry.call('HEAD', `/v2/${path}`)).status

const digestAt = async (registry: TestRegistry, tag: string): Promise<string | null> =>
  (await registry.call('HEAD', `/v2/user/app/manifests/${tag}`)).headers.get('docker-content-digest')

interface Move {
  readonly digest: string | null
  readonly previous: string | null
  readonly available: boolean
}

const historyOf = async (registry: TestRegistry, tag: string): Promise<readonly Move[]> =>
  ((await (await api(registry, 'GET', `user/app/tags/${tag}/history`)).json()) as { history: Move[] }).history

test('a tag remembers what it named, and goes back to it', async () => {
  await using registry = await startTestRegistry()
  const first = await pushImage(registry, 'user/app', 'v1')
  const second = await pushImage(registry, 'user/app', 'v1', { layer: 'newer' })
  assert.deepEqual(
    (await historyOf(registry, 'v1')).map(({ digest, previous, available }) => ({ digest, previous, available })),
    [
      { digest: second.digest, previous: first.digest, available: true },
      { digest: first.digest, previous: null, available: true },
    ],
  )
  const back = await api(registry, 'POST', 'user/app/tags/v1/rollback')
  assert.deepEqual([back.status, await back.json()], [200, { digest: first.digest }])
  assert.equal(await digestAt(registry, 'v1'), first.digest)
  assert.equal((await api(registry, 'POST', 'user/app/tags/v1/rollback', { digest: second.digest })).status, 200)
  assert.equal(await digestAt(registry, 'v1'), second.digest)
})

test('a tag that was deleted, alone or with its manifest, is rolled back to what it named', async () => {
  await using registry = await startTestRegistry()
  const { digest } = await pushImage(registry, 'user/app', 'v1')
  for (const reference of ['v1', digest]) {
    assert.equal((await registry.call('DELETE', `/v2/user/app/manifests/${reference}`)).status, 202)
    assert.equal(await head(registry, 'user/app/manifests/v1'), 404)
    assert.equal((await api(registry, 'POST', 'user/app/tags/v1/rollback')).status, 200)
    assert.equal(await digestAt(registry, 'v1'), digest)
  }
})

test('a rollback to nothing is refused', async () => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'user/app', 'v1')
  assert.equal((await api(registry, 'POST', 'user/app/tags/v1/rollback')).status, 404)
  assert.equal((await api(registry, 'POST', 'user/app/tags/v2/rollback')).status, 404)
  assert.equal((await api(registry, 'POST', 'no/one/tags/v1/rollback')).status, 404)
  const unknown = { digest: digestOf('unknown') }
  assert.equal((await api(registry, 'POST', 'user/app/tags/v1/rollback', unknown)).status, 404)
  assert.equal((await api(registry, 'POST', 'user/app/tags/v1/rollback', { digest: '../x' })).status, 400)
  assert.equal((await api(registry, 'GET', 'user/app/tags/-bad/history')).status, 400)
})

test('a manifest that was deleted is in the trash, and comes back with its tags and its parts', async () => {
  await using registry = await startTestRegistry()
  const child = await makeImage(registry, 'user/app')
  await putManifest(registry, 'user/app', child.digest, child.text)
  const manifests = [{ mediaType: mediaTypes.ociManifest, digest: child.digest, size: child.text.length }]
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }
  const digest = digestOf(JSON.stringify(index))
  for (const tag of ['v1', 'latest']) await putManifest(registry, 'user/app', tag, index)
  for (const one of [digest, child.digest]) {
    await registry.call('DELETE', `/v2/user/app/manifests/${one}`)
    assert.equal(await head(registry, `user/app/manifests/${one}`), 404)
  }
  assert.equal((await registry.call('DELETE', `/v2/user/app/blobs/${digestOf('a layer')}`)).status, 202)
  const trash = (await (await api(registry, 'GET', 'user/app/trash')).json()) as { manifests: { digest: string }[] }
  assert.deepEqual(trash.manifests.map((one) => one.digest).sort(), [digest, child.digest].sort())

  const restored = await api(registry, 'POST', 'user/app/undelete', { digest })
  assert.deepEqual([restored.status, await restored.json()], [200, { digests: [digest] }])
  for (const tag of ['v1', 'latest']) assert.equal(await digestAt(registry, tag), digest)
  assert.equal(await head(registry, `user/app/manifests/${child.digest}`), 200)
  assert.equal(await head(registry, `user/app/blobs/${digestOf('a layer')}`), 200)
  assert.equal((await api(registry, 'POST', 'user/app/undelete', { digest })).status, 404)
})

test('a tag that was made anew is not taken back by an undelete', async () => {
  await using registry = await startTestRegistry()
  const first = await pushImage(registry, 'user/app', 'v1')
  await registry.call('DELETE', `/v2/user/app/manifests/${first.digest}`)
  const second = await pushImage(registry, 'user/app', 'v1', { layer: 'newer' })
  assert.equal((await api(registry, 'POST', 'user/app/undelete', { digest: first.digest })).status, 200)
  assert.equal(await digestAt(registry, 'v1'), second.digest)
  assert.equal(await head(registry, `user/app/manifests/${first.digest}`), 200)
})

test('a repository is deleted as a whole, and undeleted as a whole', async () => {
  await using registry = await startTestRegistry()
  const first = await pushImage(registry, 'user/app', 'v1')
  const second = await pushImage(registry, 'user/app', 'v2', { layer: 'newer' })
  await pushImage(registry, 'user/other', 'v1')
  assert.equal((await api(registry, 'DELETE', 'user/app')).status, 202)
  assert.equal((await api(registry, 'DELETE', 'user/app')).status, 404)
  for (const path of ['manifests/v1', 'tags/list', `blobs/${digestOf('a layer')}`]) {
    assert.equal(await head(registry, `user/app/${path}`), 404)
  }
  assert.deepEqual(await (await registry.call('GET', '/v2/_catalog')).json(), { repositories: ['user/other'] })
  assert.equal((await api(registry, 'POST', 'user/app/undelete')).status, 200)
  assert.deepEqual([await digestAt(registry, 'v1'), await digestAt(registry, 'v2')], [first.digest, second.digest])
  assert.equal(await head(registry, `user/app/blobs/${digestOf('a layer')}`), 200)
  assert.equal((await api(registry, 'POST', 'user/app/undelete')).status, 404)
})

test('a push into a deleted repository begins a new one', async () => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'user/app', 'v1')
  await api(registry, 'DELETE', 'user/app')
  await pushImage(registry, 'user/app', 'v2', { layer: 'newer' })
  const tags = (await (await registry.call('GET', '/v2/user/app/tags/list')).json()) as { tags: string[] }
  assert.deepEqual(tags.tags, ['v2'])
})

test('who may not push may not roll back, delete, or look into the trash', async () => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'user/app', 'v1')
  await makeAccount(registry, 'james')
  assert.equal((await api(registry, 'GET', 'user/app/tags/v1/history')).status, 200)
  for (const [method, path] of [
    ['POST', 'user/app/tags/v1/rollback'],
    ['POST', 'user/app/undelete'],
    ['GET', 'user/app/trash'],
    ['DELETE', 'user/app'],
  ] as const) {
    assert.equal((await api(registry, method, path)).status, 401, path)
  }
})
