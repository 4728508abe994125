import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { type Descriptor, digestOf, type Manifest, mediaTypes, parseReference } from '@slipway/core'
import { authenticate, connectRegistry, type RemoteRegistry, search } from '@slipway/remote'
import { makeAccount, startTestRegistry, type TestRegistry } from './testing.ts'

/** Our own client against our own registry: the two are written from the same specification, by different hands. */
const credentials = { username: 'james', password: 'secret' }
const hostOf = (registry: TestRegistry): string => new URL(registry.url).host

const describe = (text: string, mediaType: string): Descriptor => ({
  mediaType,
  digest: digestOf(text),
  size: Buffer.byteLength(text),
})

const config = '{"os":"linux","config":{"Labels":{"org.opencontainers.image.description":"Serves pages"}}}'
const layer = 'a layer'
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: mediaTypes.dockerManifest,
  config: describe(config, mediaTypes.dockerConfig),
  layers: [describe(layer, mediaTypes.dockerLayerGzip)],
} satisfies Manifest)
const image = describe(manifest, mediaTypes.dockerManifest)

const pushImage = async (remote: RemoteRegistry, tag: string): Promise<void> => {
  await remote.push(describe(config, mediaTypes.dockerConfig), [Buffer.from(config)])
  await remote.push(describe(layer, mediaTypes.dockerLayerGzip), [Buffer.from(layer)])
  await remote.push(image, [Buffer.from(manifest)])
  await remote.tag(parseReference(tag), image)
}

test('our client logs in, pushes, and everyone pulls', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'james')
  const host = hostOf(registry)
  const name = `${host}/user/web:v1`
  assert.equal((await authenticate({ registry: host, credentials })).status, 'Login Succeeded')
  const wrong = { ...credentials, password: 'wrong' }
  await assert.rejects(authenticate({ registry: host, credentials: wrong }), { code: 'unauthenticated' })
  {
    await using remote = connectRegistry({ registry: host, repository: 'user/web', credentials })
    await pushImage(remote, name)
  }
  await using anyone = connectRegistry({ registry: host, repository: 'user/web' })
  const found = await anyone.resolve(parseReference(name))
  assert.equal(found.digest, image.digest)
  assert.equal((await buffer(await anyone.fetch(found))).toString(), manifest)
  assert.equal((await buffer(await anyone.fetch(describe(layer, mediaTypes.dockerLayerGzip)))).toString(), layer)
  await assert.rejects(pushImage(anyone, name.replace('v1', 'v2')))
  const [result] = await search({ registry: host, term: 'pages' })
  assert.deepEqual([result?.name, result?.description], ['user/web', 'Serves pages'])
})

test('our client mounts a layer from a sister repository', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'james')
  const host = hostOf(registry)
  await using web = connectRegistry({ registry: host, repository: 'user/web', credentials })
  await pushImage(web, `${host}/user/web:v1`)
  await using other = connectRegistry({ registry: host, repository: 'user/other', credentials })
  const blob = describe(layer, mediaTypes.dockerLayerGzip)
  assert.equal(await other.has(blob), false)
  assert.equal(await other.mount(blob, parseReference(`${host}/user/web`)), true)
  assert.equal(await other.has(blob), true)
})
