import assert from 'node:assert/strict'
import { digestOf } from '@slipway/core'
import type { Candidate } from '../candidate.ts'
import { Absent, section } from '../check.ts'
import { blobOf, type Content, content } from '../content.ts'

const text = '0123456789abcdef'
const size = text.length

interface Pushed {
  readonly repository: string
  readonly digest: string
  get(range: string): ReturnType<Candidate['getBlob']>
}

const push = async (registry: Candidate, blob: Content = blobOf(text)): Promise<Pushed> => {
  const repository = registry.newRepository()
  await registry.pushBlob(repository, blob)
  const { digest } = blob.descriptor
  return { repository, digest, get: (range) => registry.getBlob(repository, digest, { Range: range }) }
}

const unknown = digestOf('nobody pushed this')

/** The parts of a multipart/byteranges: what the range is said to be, and its bytes. */
const partsOf = (type: string, body: string): readonly (readonly [string, string])[] => {
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1]
  assert.ok(boundary !== undefined, `no boundary in ${type}`)
  return [...body.split(`--${boundary}`)].slice(1, -1).map((part) => {
    const [head = '', bytes = ''] = part.split('\r\n\r\n')
    return [/^content-range: *(.*)$/im.exec(head)?.[1]?.trim() ?? '', bytes.replace(/\r\n$/, '')] as const
  })
}

export const pullBlob = section('Pulling blobs', {
  must: {
    'a blob is 200, and its bytes are those that were pushed': async (registry) => {
      const { repository, digest } = await push(registry)
      const answer = (await registry.getBlob(repository, digest)).expect(200)
      assert.equal(answer.body.toString(), text)
    },
    'Docker-Content-Digest is the digest of the body': async (registry) => {
      const { repository, digest } = await push(registry)
      assert.equal((await registry.getBlob(repository, digest)).header('docker-content-digest'), digest)
    },
    'HEAD is 200 with the length and the digest, and no body': async (registry) => {
      const { repository, digest } = await push(registry)
      const answer = (await registry.call('HEAD', `/v2/${repository}/blobs/${digest}`)).expect(200)
      assert.equal(answer.header('content-length'), String(size))
      assert.equal(answer.header('docker-content-digest'), digest)
      assert.equal(answer.body.length, 0)
    },
    'a blob that is not there is 404, in a repository that is there or not': async (registry) => {
      const { repository } = await push(registry)
      for (const name of [repository, registry.newRepository()]) {
        ;(await registry.getBlob(name, unknown)).expect(404)
        ;(await registry.call('HEAD', `/v2/${name}/blobs/${unknown}`)).expect(404)
      }
    },
    'a blob is in the repositories it was pushed to, and in no other': async (registry) => {
      const blob = content(`only here ${Math.random()}`, 'text/plain')
      await push(registry, blob)
      const { repository } = await push(registry)
      ;(await registry.getBlob(repository, blob.descriptor.digest)).expect(404)
    },
    'a digest that is none is refused': async (registry) => {
      const { repository } = await push(registry)
      for (const digest of [
        'sha256:short',
        'md5:d41d8cd98f00b204e9800998ecf8427e',
        'nonsense',
        `sha256:${'A'.repeat(64)}`,
      ]) {
        ;(await registry.getBlob(repository, digest)).expect(400, 404)
      }
    },
  },
  should: {
    'a part of a blob is 206 with where it lies': async (registry) => {
      const { get } = await push(registry)
      for (const [range, from, to] of [
        ['bytes=2-5', 2, 5],
        ['bytes=0-0', 0, 0],
        ['bytes=10-', 10, 15],
        ['bytes=-3', 13, 15],
        ['bytes=12-99', 12, 15],
        ['bytes=-99', 0, 15],
      ] as const) {
        const answer = (await get(range)).expect(206)
        assert.equal(answer.header('content-range'), `bytes ${from}-${to}/${size}`, range)
        assert.equal(answer.body.toString(), text.slice(from, to + 1), range)
      }
    },
    'a part that lies behind the end is 416': async (registry) => {
      const { get } = await push(registry)
      for (const range of [`bytes=${size}-`, 'bytes=100-200', 'bytes=-0']) {
        const answer = (await get(range)).expect(416)
        assert.equal(answer.headers['content-range'] ?? `bytes */${size}`, `bytes */${size}`)
      }
    },
    'a Range that is none, or of another unit, is passed over': async (registry) => {
      const { get } = await push(registry)
      for (const range of ['lines=1-2', 'bytes=5-2', 'nonsense']) {
        const answer = await get(range)
        answer.expect(200, 416)
        if (answer.status === 200) assert.equal(answer.body.toString(), text)
      }
    },
  },
  may: {
    'several parts come in one multipart/byteranges': async (registry) => {
      const { get } = await push(registry)
      const answer = (await get('bytes=0-1,4-5,14-')).expect(200, 206)
      if (answer.status === 200) throw new Absent('the whole is sent for several ranges')
      assert.deepEqual(partsOf(answer.header('content-type'), answer.body.toString()), [
        [`bytes 0-1/${size}`, '01'],
        [`bytes 4-5/${size}`, '45'],
        [`bytes 14-15/${size}`, 'ef'],
      ])
    },
    'If-Range with the ETag is honoured': async (registry) => {
      const { repository, digest } = await push(registry)
      const { headers } = await registry.getBlob(repository, digest)
      if (headers.etag === undefined) throw new Absent('there is no ETag')
      const same = { Range: 'bytes=2-5', 'If-Range': headers.etag }
      ;(await registry.getBlob(repository, digest, same)).expect(206)
      ;(await registry.getBlob(repository, digest, { ...same, 'If-Range': '"another"' })).expect(200)
      ;(await registry.getBlob(repository, digest, { 'If-None-Match': headers.etag })).expect(304)
    },
    'a blob of no bytes is a blob': async (registry) => {
      const { repository, digest } = await push(registry, blobOf(''))
      const answer = (await registry.getBlob(repository, digest)).expect(200)
      assert.equal(answer.body.length, 0)
      assert.equal(answer.header('content-length'), '0')
    },
  },
})
