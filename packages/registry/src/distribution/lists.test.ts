import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Descriptor, digestOf, mediaTypes } from '@slipway/core'
import { errorCode, makeImage, pushImage, putManifest, startTestRegistry, type TestRegistry } from '../testing.ts'

/** Follows `Link` to the end. */
const pages = async (registry: TestRegistry, path: string): Promise<readonly Record<string, never>[]> => {
  const bodies: Record<string, never>[] = []
  let next: string | undefined = path
  while (next !== undefined) {
    const response: Response = await registry.call('GET', next)
    assert.equal(response.status, 200)
    bodies.push((await response.json()) as Record<string, never>)
    next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
  }
  return bodies
}

test('tags come in order, in pages, and without the one that was named last', async () => {
  await using registry = await startTestRegistry()
  const { text } = await makeImage(registry, 'user/app')
  for (const tag of ['v2', 'latest', 'V1', 'v10', 'v1']) await putManifest(registry, 'user/app', tag, text)
  const list = async (query: string) => (await registry.call('GET', `/v2/user/app/tags/list${query}`)).json()
  assert.deepEqual(await list(''), { name: 'user/app', tags: ['V1', 'latest', 'v1', 'v10', 'v2'] })
  assert.deepEqual(await list('?last=v1'), { name: 'user/app', tags: ['v10', 'v2'] })
  assert.deepEqual(await list('?n=0'), { name: 'user/app', tags: [] })
  const found = await pages(registry, '/v2/user/app/tags/list?n=2')
  assert.deepEqual(
    found.map((page) => page['tags']),
    [['V1', 'latest'], ['v1', 'v10'], ['v2']],
  )
  for (const n of ['-1', 'x', '1.5']) {
    const response = await registry.call('GET', `/v2/user/app/tags/list?n=${n}`)
    assert.equal(response.status, 400)
    assert.equal(await errorCode(response), 'PAGINATION_NUMBER_INVALID')
  }
})

test('tags of a repository nobody has pushed to are NAME_UNKNOWN', async () => {
  await using registry = await startTestRegistry()
  const response = await registry.call('GET', '/v2/no/one/tags/list')
  assert.equal(response.status, 404)
  assert.equal(await errorCode(response), 'NAME_UNKNOWN')
})

test('the catalogue comes in order and in pages', async () => {
  await using registry = await startTestRegistry()
  for (const name of ['b', 'a/z', 'c', 'a']) await pushImage(registry, name, 'v1')
  await registry.call('POST', '/v2/empty/blobs/uploads/')
  const found = await pages(registry, '/v2/_catalog?n=3')
  assert.deepEqual(found, [{ repositories: ['a', 'a/z', 'b'] }, { repositories: ['c'] }])
})

test('referrers are listed with their type and annotations, filtered, in pages, and before the subject is there', async () => {
  await using registry = await startTestRegistry()
  const image = await makeImage(registry, 'user/app')
  const subject = { mediaType: mediaTypes.ociManifest, digest: image.digest, size: image.text.length }
  const attach = async (extra: object): Promise<string> => {
    const { text, digest } = await makeImage(registry, 'user/app', { extra: { subject, ...extra } })
    const response = await putManifest(registry, 'user/app', digest, text)
    assert.equal(response.headers.get('oci-subject'), image.digest)
    return digest
  }
  const list = async (query = ''): Promise<readonly Descriptor[]> => {
    const response = await registry.call('GET', `/v2/user/app/referrers/${image.digest}${query}`)
    assert.equal(response.headers.get('content-type'), mediaTypes.ociIndex)
    return ((await response.json()) as { manifests: readonly Descriptor[] }).manifests
  }
  assert.deepEqual(await list(), [])
  const signature = await attach({ artifactType: 'application/vnd.test.signature', annotations: { by: 'james' } })
  const plain = await attach({ annotations: { n: '2' } })
  assert.deepEqual((await list()).map(({ digest }) => digest).sort(), [signature, plain].sort())
  const [found] = await list(`?artifactType=${encodeURIComponent('application/vnd.test.signature')}`)
  assert.equal(found?.digest, signature)
  assert.equal(found?.artifactType, 'application/vnd.test.signature')
  assert.deepEqual(found?.annotations, { by: 'james' })
  assert.equal((await list()).find(({ digest }) => digest === plain)?.artifactType, mediaTypes.ociConfig)
  const paged = await pages(registry, `/v2/user/app/referrers/${image.digest}?n=1`)
  assert.equal(paged.length, 2)
  await registry.call('DELETE', `/v2/user/app/manifests/${plain}`)
  assert.equal((await list()).length, 1)
})

test('a filter that was applied is said to be, and a bad digest is 400', async () => {
  await using registry = await startTestRegistry()
  const path = `/v2/user/app/referrers/${digestOf('x')}`
  const filtered = await registry.call('GET', `${path}?artifactType=a/b`)
  assert.equal(filtered.status, 200)
  assert.equal(filtered.headers.get('oci-filters-applied'), 'artifactType')
  assert.equal((await registry.call('GET', path)).headers.get('oci-filters-applied'), null)
  assert.equal((await registry.call('GET', '/v2/user/app/referrers/sha256:x')).status, 400)
})
