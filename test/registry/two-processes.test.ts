import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { digestOf } from '@slipway/core'
import { PostgresServer } from '@slipway/database/testing'
import { Moto } from '@slipway/registry/s3-servers'
import { TestRegistry } from '../harness/registry.ts'
import { openScratch, type Scratch } from '../harness/scratch.ts'
import { flagsOf } from './bucket-flags.ts'
import { type Answer, blobOf, Connection, imageOf } from './connection.ts'

/** Bytes of every pattern: begun on one process, gone on with on the other. */
const pieces = [7 << 20, 1000, 6 << 20, 3 << 20].map((size) => randomBytes(size))
const whole = Buffer.concat(pieces)

const expect = (answer: Answer, status: number): Answer => {
  assert.equal(answer.status, status, answer.body.toString())
  return answer
}

describe('two registries over one PostgreSQL and one bucket', () => {
  let stack: AsyncDisposableStack
  let scratch: Scratch
  let one: TestRegistry
  let other: TestRegistry
  before(async () => {
    stack = new AsyncDisposableStack()
    scratch = stack.use(await openScratch())
    const postgres = stack.use(await PostgresServer.start())
    const moto = stack.use(await Moto.start())
    const bucket = flagsOf(await moto.createBucket())
    const flags = [...bucket, '--database', await postgres.createDatabase(), '--s3-redirect', '--gc-interval', '200ms']
    one = stack.use(await TestRegistry.start(scratch, flags))
    other = stack.use(await TestRegistry.start(scratch, flags))
  })
  after(() => stack.disposeAsync())

  test('keep nothing in a data root', async () => {
    assert.deepEqual(await readdir(scratch.path), [])
  })

  test('an upload goes on with whichever of them the next request meets', async () => {
    using here = new Connection(one.address)
    using there = new Connection(other.address)
    const begun = expect(await here.call('POST', '/v2/user/app/blobs/uploads/'), 202)
    assert.equal(begun.headers['oci-chunk-min-length'], String(5 << 20))
    const location = begun.headers.location ?? ''
    let offset = 0
    for (const [at, piece] of pieces.entries()) {
      const connection = at % 2 === 0 ? there : here
      const headers = { 'Content-Range': `${offset}-${offset + piece.length - 1}` }
      const answer = expect(await connection.call('PATCH', location, { body: piece, headers }), 202)
      offset += piece.length
      assert.equal(answer.headers['range'], `0-${offset - 1}`)
      const seen = expect(await (connection === here ? there : here).call('GET', location), 204)
      assert.equal(seen.headers['range'], `0-${offset - 1}`)
    }
    expect(await there.call('PUT', `${location}?digest=${digestOf(whole)}`), 201)
    expect(await here.call('HEAD', `/v2/user/app/blobs/${digestOf(whole)}`), 200)
  })

  test('what is pushed to one is pulled from the other at once; whole blobs come from the bucket, ranges from here', async () => {
    using here = new Connection(one.address)
    using there = new Connection(other.address)
    const image = imageOf([blobOf('{}'), blobOf(randomBytes(200_000))])
    for (const { digest, bytes } of image.blobs) {
      expect(await here.call('POST', `/v2/user/app/blobs/uploads/?digest=${digest}`, { body: bytes }), 201)
    }
    expect(await here.putManifest('user/app', 'latest', image.text), 201)
    assert.equal((await there.call('GET', '/v2/user/app/manifests/latest')).body.toString(), image.text)
    const [small, large] = image.blobs
    expect(await there.call('GET', `/v2/user/app/blobs/${small?.digest}`), 200)
    const path = `/v2/user/app/blobs/${large?.digest}`
    const elsewhere = expect(await there.call('GET', path), 307).headers.location ?? ''
    const bytes = Buffer.from(await (await fetch(elsewhere)).arrayBuffer())
    assert.equal(digestOf(bytes), large?.digest)
    for (const range of ['bytes=5-9', 'bytes=0-1,100-101'])
      expect(await there.call('GET', path, { headers: { range } }), 206)
    expect(await there.call('HEAD', path), 200)
  })

  test('one that is killed leaves its uploads to the other', async () => {
    using here = new Connection(one.address)
    using there = new Connection(other.address)
    const location = expect(await here.call('POST', '/v2/user/app/blobs/uploads/'), 202).headers.location ?? ''
    expect(await here.call('PATCH', location, { body: whole.subarray(0, 8 << 20) }), 202)
    await one.kill()
    assert.equal(expect(await there.call('GET', location), 204).headers['range'], `0-${(8 << 20) - 1}`)
    const body = whole.subarray(8 << 20)
    expect(await there.call('PUT', `${location}?digest=${digestOf(whole)}`, { body }), 201)
    await one.startAgain()
  })

  test('a token that one issued is good at the other', async () => {
    await one.addUser('ann', 'secret')
    using here = new Connection(one.address)
    using there = new Connection(other.address)
    const authorization = `Basic ${Buffer.from('ann:secret').toString('base64')}`
    const scope = 'service=registry&scope=repository:user/app:pull,push'
    const { token } = JSON.parse(
      expect(await here.call('GET', `/token?${scope}`, { headers: { authorization } }), 200).body.toString(),
    )
    const asked = await there.call('POST', '/v2/user/app/blobs/uploads/', {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(asked, 202)
    const check = await other.administer(['check', '--orphan-age', '0'])
    assert.deepEqual([check.code, check.stdout], [0, 'Everything is as it should be.\n'])
  })
})
