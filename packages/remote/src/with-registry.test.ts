import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { parseReference } from '@slipway/core'
import { addAccount, addManager, openRegistryDatabase, startRegistry } from '@slipway/registry'
import { authenticate } from './authenticate.ts'
import { connectRegistry } from './registry.ts'
import { search } from './search.ts'
import { descriptorOf } from './testing/tiny-registry.ts'

const ada = { username: 'ada', password: 'correct horse' }
const wrong = { username: 'ada', password: 'battery staple' }

/** Our own registry, with an account: then everyone may pull and only ada push. */
const startGuarded = async () => {
  const dataRoot = await mkdtemp(join(tmpdir(), 'swt-remote-'))
  const database = await openRegistryDatabase({ dataRoot })
  await addAccount(database.sql, ada.username, ada.password)
  const oneTimePassword = await addManager(database.sql, 'bob')
  await database[Symbol.asyncDispose]()
  const registry = await startRegistry({ listen: { host: '127.0.0.1', port: 0 }, dataRoot })
  return {
    registry: registry.address,
    oneTimePassword,
    async [Symbol.asyncDispose]() {
      await registry.close()
      await rm(dataRoot, { recursive: true, force: true })
    },
  }
}

test('a push needs the account, a pull does not, and search finds what was pushed', async () => {
  await using guarded = await startGuarded()
  const place = { registry: guarded.registry, repository: 'ada/web' }
  const config = Buffer.from('{}')
  const layer = Buffer.alloc(2_000_000, 7)
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: descriptorOf(config, 'application/vnd.oci.image.config.v1+json'),
      layers: [descriptorOf(layer)],
    }),
  )
  const descriptor = descriptorOf(manifest, 'application/vnd.oci.image.manifest.v1+json')
  const reference = parseReference(`${guarded.registry}/ada/web:v1`)

  await using anonymous = connectRegistry(place)
  await assert.rejects(anonymous.push(descriptorOf(layer), [layer]), /denied|unauthorized/)
  await using mistaken = connectRegistry({ ...place, credentials: wrong })
  await assert.rejects(mistaken.push(descriptorOf(layer), [layer]), {
    code: 'unauthenticated',
    message: 'unauthorized: incorrect username or password',
  })

  await using owner = connectRegistry({ ...place, credentials: ada })
  for (const blob of [config, layer]) await owner.push(descriptorOf(blob), [blob])
  await owner.push(descriptor, [manifest])
  await owner.tag(reference, descriptor)

  assert.deepEqual(await anonymous.resolve(reference), descriptor)
  assert.deepEqual(await buffer(await anonymous.fetch(descriptorOf(layer))), layer)
  assert.deepEqual(await anonymous.tags(), ['v1'])
  for (const options of [{}, { credentials: ada }, { credentials: wrong }]) {
    const found = await search({ registry: guarded.registry, term: 'web', ...options })
    assert.deepEqual(
      found.map(({ name }) => name),
      ['ada/web'],
    )
  }
})

test('authenticate() tells a right password from a wrong one', async () => {
  await using guarded = await startGuarded()
  const { registry } = guarded
  assert.equal((await authenticate({ registry, credentials: ada })).status, 'Login Succeeded')
  await assert.rejects(authenticate({ registry, credentials: wrong }), {
    code: 'unauthenticated',
    message: 'unauthorized: incorrect username or password',
  })
})

test('a secret that is refused for a reason is refused in the registry’s words', async () => {
  await using guarded = await startGuarded()
  const credentials = { username: 'bob', password: guarded.oneTimePassword }
  await assert.rejects(authenticate({ registry: guarded.registry, credentials }), {
    code: 'unauthenticated',
    message: 'unauthorized: this password is for one sign-in, in the browser: choose one of your own there',
  })
})
