import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { digestOf, hasCode } from '@slipway/core'
import { type HasCheckpoint, objectKey } from '../storage.ts'
import { S3Client } from './client.ts'
import { abortMultipart, beginMultipart, completeMultipart, putPart } from './multipart.ts'
import type { Keys } from './options.ts'
import { S3Storage } from './s3-storage.ts'
import { Radosgw } from './testing/radosgw.ts'

const put = async (storage: S3Storage, bytes: Uint8Array): Promise<string> => {
  const id = randomUUID()
  await using ingest = await storage.ingest(id)
  await ingest.write([bytes])
  // With a condition and a header of our own, which are signed too.
  await (ingest as unknown as HasCheckpoint).checkpoint()
  await ingest.commit({ digest: digestOf(bytes) })
  return objectKey(id)
}

/** Sets variables of the environment until it is disposed of. */
const withEnvironment = (values: Readonly<Record<string, string>>): Disposable => {
  const before = { ...process.env }
  Object.assign(process.env, values)
  return {
    [Symbol.dispose]() {
      for (const name of Object.keys(values)) delete process.env[name]
      Object.assign(process.env, before)
    },
  }
}

describe('a storage that checks signatures', () => {
  let server: Radosgw
  before(async () => {
    server = await Radosgw.start()
  })
  after(() => server[Symbol.asyncDispose]())

  test('takes whatever we ask for, with conditions, ranges and queries', async () => {
    const options = { ...(await server.createBucket()), prefix: 'of-ours/and_others.v1/' }
    await using storage = new S3Storage(options)
    await storage.prepare()
    const key = await put(storage, Buffer.from('hello'))
    assert.equal((await storage.stat(key))?.size, 5)
    assert.equal((await buffer(await storage.read(key))).toString(), 'hello')
    assert.equal((await buffer(await storage.read(key, { start: 0, end: 3 }))).toString(), 'hell')
    assert.deepEqual(await Array.fromAsync(storage.list(), (object) => object.key), [key])
    assert.deepEqual(await Array.fromAsync(storage.ingests()), [])
    await storage.delete(key)
    assert.equal(await storage.stat(key), undefined)
  })

  test('takes a multipart upload, and one that is given up', async () => {
    await using client = new S3Client(await server.createBucket())
    const [key, bytes] = [objectKey(randomUUID()), randomBytes(1000)]
    const uploadId = await beginMultipart(client, key)
    const part = await putPart(client, { key, uploadId, number: 1 }, bytes)
    await completeMultipart(client, key, uploadId, [part])
    const { body } = await client.send({ method: 'GET', key })
    assert.equal(Buffer.compare(await buffer(body), bytes), 0)
    const other = await beginMultipart(client, key)
    await abortMultipart(client, key, other)
    await assert.rejects(putPart(client, { key, uploadId: other, number: 1 }, bytes), (error) =>
      hasCode(error, 'not-found'),
    )
  })

  test('gives the bytes to whoever has a signed address, and to nobody whose address is another', async () => {
    await using storage = new S3Storage({ ...(await server.createBucket()), redirect: true })
    const key = await put(storage, Buffer.from('for everyone'))
    const url = (await storage.redirectFor(key)) ?? new URL('none:')
    const get = async (changed: URL): Promise<number> => (await fetch(changed)).status
    assert.equal(await (await fetch(url)).text(), 'for everyone')
    assert.equal((await fetch(url, { headers: { Range: 'bytes=0-2' } })).status, 206)
    const longer = new URL(url)
    longer.searchParams.set('X-Amz-Expires', '86400')
    const another = new URL(url)
    another.pathname = another.pathname.replace(key, await put(storage, Buffer.from('for nobody')))
    const unsigned = new URL(url)
    unsigned.search = ''
    assert.deepEqual([await get(longer), await get(another), await get(unsigned)], [403, 403, 403])
  })

  test('refuses a wrong secret, which we say as what it is', async () => {
    const options = await server.createBucket()
    await using storage = new S3Storage({ ...options, keys: { ...options.keys, secretAccessKey: 'wrong' } })
    await assert.rejects(storage.prepare(), /the storage refuses this registry/)
  })

  test('is shown the keys of a shared file, where the settings have none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'swt-keys-'))
    try {
      const { keys, ...options } = await server.createBucket()
      const file = join(folder, 'credentials')
      const lines = [`aws_access_key_id = ${keys.accessKeyId}`, `aws_secret_access_key = ${keys.secretAccessKey}`]
      await writeFile(file, `[default]\n${lines.join('\n')}\n`)
      using _ = withEnvironment({ AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: join(folder, 'none') })
      await using storage = new S3Storage({ ...options, keys: undefined })
      assert.equal((await buffer(await storage.read(await put(storage, Buffer.from('hello'))))).toString(), 'hello')
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('is shown keys that are lent, and the next ones before they are over', async () => {
    const { keys, ...options } = await server.createBucket()
    await using role = await lend(keys)
    const nowhere = { AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_CONFIG_FILE: '/dev/null' }
    using _ = withEnvironment({ AWS_CONTAINER_CREDENTIALS_FULL_URI: role.url, ...nowhere })
    await using storage = new S3Storage({ ...options, keys: undefined })
    await storage.prepare()
    await storage.prepare()
    assert.equal(role.asked(), 1)
    // The first are over at once: they are fetched anew for each request.
    role.lifeMs = 1000
    await using other = new S3Storage({ ...options, keys: undefined })
    await other.prepare()
    await other.prepare()
    assert.equal(role.asked(), 3)
  })

  test('of keys that nobody has it is told when to come back', async () => {
    const { keys: _, ...options } = await server.createBucket()
    await using storage = new S3Storage({ ...options, keys: undefined })
    const nowhere = { AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_CONFIG_FILE: '/dev/null' }
    using _environment = withEnvironment({ AWS_EC2_METADATA_DISABLED: 'true', ...nowhere })
    await assert.rejects(storage.prepare(), (error) => hasCode(error, 'unavailable') && /no keys/.test(String(error)))
  })
})

/** Lends keys as the machines of a container service do. */
const lend = async ({ accessKeyId, secretAccessKey }: Keys) => {
  let asked = 0
  const lender = {
    lifeMs: 60 * 60 * 1000,
    url: '',
    asked: () => asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  const server = createServer((_request, response) => {
    asked += 1
    const expires = new Date(Date.now() + lender.lifeMs)
    const given = { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: '', Expiration: expires }
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(given))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  lender.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  return lender
}
