import assert from 'node:assert/strict'
import { digestOf } from '@slipway/core'
import type { Candidate } from '../candidate.ts'
import { Absent, section } from '../check.ts'
import type { Answer } from '../connection.ts'
import { content, someBlob } from '../content.ts'

/** Whatever the Location of a blob says, it can be pulled there. */
const canBePulled = async (registry: Candidate, answer: Answer, bytes: Buffer): Promise<void> => {
  const pulled = (await registry.call('GET', answer.header('location'))).expect(200)
  assert.ok(pulled.body.equals(bytes), 'what is pulled is what was pushed')
}

const post = (registry: Candidate, repository: string, query: string, body?: Buffer): Promise<Answer> =>
  registry.call('POST', `/v2/${repository}/blobs/uploads/${query}`, {
    headers: body === undefined ? { 'Content-Length': '0' } : { 'Content-Type': 'application/octet-stream' },
    ...(body === undefined ? {} : { body }),
  })

export const pushBlob = section('Pushing a blob monolithically', {
  must: {
    'POST is 202 with a Location, another for each upload': async (registry) => {
      const repository = registry.newRepository()
      assert.notEqual(await registry.begin(repository), await registry.begin(repository))
    },
    'PUT with the bytes is 201, with a Location to pull them from': async (registry) => {
      const repository = registry.newRepository()
      const { bytes, descriptor } = someBlob()
      const answer = await registry.finish(await registry.begin(repository), descriptor.digest, { body: bytes })
      await canBePulled(registry, answer.expect(201), bytes)
    },
    'POST with digest and bytes is 201, or 202 for a PUT to follow': async (registry) => {
      const repository = registry.newRepository()
      const { bytes, descriptor } = someBlob()
      const first = (await post(registry, repository, `?digest=${descriptor.digest}`, bytes)).expect(201, 202)
      const answer =
        first.status === 201
          ? first
          : await registry.finish(first.header('location'), descriptor.digest, { body: bytes })
      await canBePulled(registry, answer.expect(201), bytes)
    },
    'bytes of another digest are refused, and not kept': async (registry) => {
      const repository = registry.newRepository()
      const { bytes, descriptor } = someBlob()
      const wrong = digestOf('other bytes')
      const answer = (await registry.finish(await registry.begin(repository), wrong, { body: bytes })).expect(400)
      assert.deepEqual(answer.codes(), ['DIGEST_INVALID'])
      for (const digest of [wrong, descriptor.digest]) (await registry.getBlob(repository, digest)).expect(404)
    },
    'PUT without a digest, or with one that is none, is refused': async (registry) => {
      const repository = registry.newRepository()
      const body = { headers: { 'Content-Type': 'application/octet-stream' }, body: 'x' }
      ;(await registry.call('PUT', await registry.begin(repository), body)).expect(400)
      ;(await registry.finish(await registry.begin(repository), 'sha256:short', { body: 'x' })).expect(400)
    },
    'the same blob is pushed twice, and by two at once': async (registry) => {
      const repository = registry.newRepository()
      const blob = someBlob(200_000)
      await registry.pushBlob(repository, blob)
      await registry.pushBlob(repository, blob)
      await Promise.all([1, 2, 3].map(() => registry.pushBlob(registry.newRepository(), blob)))
    },
  },
  should: {
    'Docker-Content-Digest of the 201 is the digest': async (registry) => {
      const repository = registry.newRepository()
      const { bytes, descriptor } = someBlob()
      const answer = await registry.finish(await registry.begin(repository), descriptor.digest, { body: bytes })
      assert.equal(answer.header('docker-content-digest'), descriptor.digest)
    },
  },
  may: {
    'POST with the digest of other bytes is refused': async (registry) => {
      const answer = await post(registry, registry.newRepository(), `?digest=${digestOf('a')}`, Buffer.from('b'))
      if (answer.status === 202) throw new Absent('a POST takes no bytes')
      answer.expect(400)
    },
    'a blob is pushed by its sha512, and pulled by it': async (registry) => {
      const repository = registry.newRepository()
      const { bytes, descriptor } = content('longer digest', 'text/plain', 'sha512')
      const begun = await post(registry, repository, '?digest-algorithm=sha512')
      if (begun.status !== 202) throw new Absent(`digest-algorithm=sha512 is ${begun.status}`)
      const answer = await registry.finish(begun.header('location'), descriptor.digest, { body: bytes })
      if (answer.status !== 201) throw new Absent(`sha512 is ${answer.status}`)
      assert.equal(answer.header('docker-content-digest'), descriptor.digest)
      const pulled = (await registry.getBlob(repository, descriptor.digest)).expect(200)
      assert.equal(pulled.header('docker-content-digest'), descriptor.digest)
    },
    'a digest algorithm that nobody knows is refused when the upload begins': async (registry) => {
      const answer = await post(registry, registry.newRepository(), '?digest-algorithm=md5')
      if (answer.status === 202) throw new Absent('digest-algorithm is passed over')
      answer.expect(400)
    },
  },
})
