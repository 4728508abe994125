import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf, mediaTypes } from '@slipway/core'
import { errorCode, makeImage, pushImage, putManifest, startTestRegistry } from '../testing.ts'

const unknown = digestOf('nobody has this')

test('a manifest comes back to the byte, by tag and by digest, with its type', async () => {
  await using registry = await startTestRegistry()
  const { text } = await makeImage(registry, 'user/app')
  const spaced = ` ${text}\n`
  const put = await putManifest(registry, 'user/app', 'v1', spaced)
  assert.equal(put.status, 201)
  const digest = digestOf(spaced)
  assert.equal(put.headers.get('location'), `/v2/user/app/manifests/${digest}`)
  assert.equal(put.headers.get('docker-content-digest'), digest)
  for (const reference of ['v1', digest]) {
    const response = await registry.call('GET', `/v2/user/app/manifests/${reference}`, {
      headers: { Accept: 'application/vnd.docker.distribution.manifest.v2+json' },
    })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), mediaTypes.ociManifest)
    assert.equal(response.headers.get('docker-content-digest'), digest)
    assert.equal(await response.text(), spaced)
    const head = await registry.call('HEAD', `/v2/user/app/manifests/${reference}`)
    assert.equal(head.status, 200)
    assert.equal(head.headers.get('content-length'), String(spaced.length))
    const known = { headers: { 'If-None-Match': `"${digest}"` } }
    assert.equal((await registry.call('GET', `/v2/user/app/manifests/${reference}`, known)).status, 304)
  }
})

test('a manifest that is not there is MANIFEST_UNKNOWN, however it is asked for', async () => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'user/app', 'v1')
  for (const path of [
    'user/app/manifests/v2',
    `user/app/manifests/${unknown}`,
    'user/app/manifests/.bad',
    'no/one/manifests/v1',
  ]) {
    const response = await registry.call('GET', `/v2/${path}`)
    assert.equal(response.status, 404)
    assert.equal(await errorCode(response), 'MANIFEST_UNKNOWN')
    assert.equal((await registry.call('HEAD', `/v2/${path}`)).status, 404)
  }
  assert.equal((await registry.call('GET', '/v2/user/app/manifests/sha256:short')).status, 400)
})

test('a manifest whose parts are missing, or of another size, is refused and leaves nothing', async () => {
  await using registry = await startTestRegistry()
  const { text } = await makeImage(registry, 'user/app')
  const elsewhere = await putManifest(registry, 'user/other', 'v1', text)
  assert.equal(elsewhere.status, 404)
  const manifest = JSON.parse(text)
  // An error for each of them: a client sees at once all that it has to push.
  const { errors } = (await elsewhere.json()) as { errors: { code: string; detail: unknown }[] }
  assert.deepEqual(
    errors.map(({ code, detail }) => ({ code, detail })),
    [manifest.config, ...manifest.layers].map(({ digest }) => ({ code: 'MANIFEST_BLOB_UNKNOWN', detail: { digest } })),
  )
  manifest.layers[0].size += 1
  assert.equal(await errorCode(await putManifest(registry, 'user/app', 'v1', manifest)), 'SIZE_INVALID')
  const child = { mediaType: mediaTypes.ociManifest, digest: unknown, size: 2 }
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [child] }
  assert.equal(await errorCode(await putManifest(registry, 'user/app', 'v1', index)), 'MANIFEST_BLOB_UNKNOWN')
  assert.equal((await registry.call('GET', '/v2/user/app/manifests/v1')).status, 404)
  const catalog = await (await registry.call('GET', '/v2/_catalog')).json()
  assert.deepEqual(catalog, { repositories: [] })
})

test('a manifest with foreign layers needs only what is meant to be here', async () => {
  await using registry = await startTestRegistry()
  const { text } = await makeImage(registry, 'user/app')
  const manifest = JSON.parse(text)
  manifest.layers.push({
    mediaType: mediaTypes.dockerForeignLayer,
    digest: unknown,
    size: 99,
    urls: ['https://example.com/layer'],
  })
  assert.equal((await putManifest(registry, 'user/app', 'v1', manifest)).status, 201)
})

test('a manifest put by digest must have it, and can be tagged in the same request', async () => {
  await using registry = await startTestRegistry()
  const image = await makeImage(registry, 'user/app')
  assert.equal(await errorCode(await putManifest(registry, 'user/app', unknown, image.text)), 'DIGEST_INVALID')
  assert.equal(await errorCode(await putManifest(registry, 'user/app', 'sha256:x', image.text)), 'DIGEST_INVALID')
  const tagged = await putManifest(registry, 'user/app', `${image.digest}?tag=1.2.3&tag=latest`, image.text)
  assert.equal(tagged.status, 201)
  assert.equal(tagged.headers.get('oci-tag'), '1.2.3, latest')
  const list = await (await registry.call('GET', '/v2/user/app/tags/list')).json()
  assert.deepEqual(list, { name: 'user/app', tags: ['1.2.3', 'latest'] })
  const sha512 = digestOf(image.text, 'sha512')
  const long = await putManifest(registry, 'user/app', sha512, image.text)
  assert.equal(long.headers.get('docker-content-digest'), sha512)
  assert.equal((await registry.call('GET', `/v2/user/app/manifests/${sha512}`)).status, 200)
})

test('a manifest of more than 4 MiB is 413, one of nearly 4 MiB is taken', async () => {
  await using registry = await startTestRegistry()
  const { text } = await makeImage(registry, 'user/app')
  assert.equal((await putManifest(registry, 'user/app', 'v1', text + ' '.repeat((4 << 20) - text.length))).status, 201)
  const tooLarge = await putManifest(registry, 'user/app', 'v1', text + ' '.repeat((4 << 20) + 1 - text.length))
  assert.equal(tooLarge.status, 413)
  assert.equal(await errorCode(tooLarge), 'MANIFEST_INVALID')
})

test('what is no manifest, or no tag, is refused', async () => {
  await using registry = await startTestRegistry()
  assert.equal(await errorCode(await putManifest(registry, 'user/app', 'v1', '{"schemaVersion":')), 'MANIFEST_INVALID')
  const { text } = await makeImage(registry, 'user/app')
  assert.equal(await errorCode(await putManifest(registry, 'user/app', '.v1', text)), 'TAG_INVALID')
  assert.equal(await errorCode(await putManifest(registry, 'user/app', 'a'.repeat(129), text)), 'TAG_INVALID')
})

test('an index is taken once its children are there', async () => {
  await using registry = await startTestRegistry()
  const image = await makeImage(registry, 'user/app')
  await putManifest(registry, 'user/app', image.digest, image.text)
  const child = { mediaType: mediaTypes.ociManifest, digest: image.digest, size: image.text.length }
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [child] }
  assert.equal((await putManifest(registry, 'user/app', 'v1', index)).status, 201)
  const response = await registry.call('GET', '/v2/user/app/manifests/v1')
  assert.equal(response.headers.get('content-type'), mediaTypes.ociIndex)
})

test('deleting a tag leaves the image, deleting the image takes its tags', async () => {
  await using registry = await startTestRegistry()
  const { digest } = await pushImage(registry, 'user/app', 'v1')
  await pushImage(registry, 'user/app', 'v2')
  assert.equal((await registry.call('DELETE', '/v2/user/app/manifests/v1')).status, 202)
  assert.equal((await registry.call('DELETE', '/v2/user/app/manifests/v1')).status, 404)
  assert.equal((await registry.call('GET', '/v2/user/app/manifests/v2')).status, 200)
  assert.equal((await registry.call('DELETE', `/v2/user/app/manifests/${digest}`)).status, 202)
  assert.equal((await registry.call('DELETE', `/v2/user/app/manifests/${digest}`)).status, 404)
  assert.equal((await registry.call('GET', '/v2/user/app/manifests/v2')).status, 404)
  assert.deepEqual(await (await registry.call('GET', '/v2/user/app/tags/list')).json(), { name: 'user/app', tags: [] })
  await pushImage(registry, 'user/app', 'v1')
  assert.equal((await registry.call('GET', '/v2/user/app/manifests/v1')).status, 200)
})

test('a tag that is pushed again moves, and the old image stays', async () => {
  await using registry = await startTestRegistry()
  const old = await pushImage(registry, 'user/app', 'latest', { layer: 'one' })
  const fresh = await pushImage(registry, 'user/app', 'latest', { layer: 'two' })
  const response = await registry.call('GET', '/v2/user/app/manifests/latest')
  assert.equal(response.headers.get('docker-content-digest'), fresh.digest)
  assert.equal((await registry.call('GET', `/v2/user/app/manifests/${old.digest}`)).status, 200)
})
