import assert from 'node:assert/strict'
import { digestOf, mediaTypes } from '@slipway/core'
import { acceptAll, type Candidate } from '../candidate.ts'
import { Absent, section } from '../check.ts'
import { type Image, someDockerImage, someImage } from '../content.ts'

interface Pushed {
  readonly repository: string
  readonly image: Image
  /** By tag, and by digest. */
  readonly references: readonly string[]
}

const push = async (registry: Candidate, image = someImage()): Promise<Pushed> => {
  const repository = registry.newRepository()
  await registry.pushImage(repository, 'v1', image)
  return { repository, image, references: ['v1', image.descriptor.digest] }
}

const head = (registry: Candidate, repository: string, reference: string) =>
  registry.call('HEAD', `/v2/${repository}/manifests/${reference}`, { headers: acceptAll })

const unknown = digestOf('nobody pushed this')

export const pullManifest = section('Pulling manifests', {
  must: {
    'a manifest is 200, and its bytes are those that were pushed, by tag and by digest': async (registry) => {
      const { repository, image, references } = await push(registry)
      for (const reference of references) {
        const answer = (await registry.getManifest(repository, reference)).expect(200)
        assert.ok(answer.body.equals(image.bytes), `${reference} has other bytes`)
      }
    },
    'the answer names its media type, that of the push': async (registry) => {
      for (const image of [someImage(), someDockerImage()]) {
        const { repository } = await push(registry, image)
        const type = (await registry.getManifest(repository, 'v1')).header('content-type')
        assert.equal(type.split(';')[0], image.descriptor.mediaType)
      }
    },
    'Docker-Content-Digest is the digest of the body': async (registry) => {
      const { repository, image, references } = await push(registry)
      for (const reference of references) {
        const answer = await registry.getManifest(repository, reference)
        assert.equal(answer.header('docker-content-digest'), image.descriptor.digest)
      }
    },
    'a manifest that is not there is 404, in a repository that is there or not': async (registry) => {
      const { repository } = await push(registry)
      for (const name of [repository, registry.newRepository()]) {
        for (const reference of ['no-such-tag', unknown]) {
          ;(await registry.getManifest(name, reference)).expect(404)
          ;(await head(registry, name, reference)).expect(404)
        }
      }
    },
    'HEAD is 200 with the length and the digest, and no body': async (registry) => {
      const { repository, image, references } = await push(registry)
      for (const reference of references) {
        const answer = (await head(registry, repository, reference)).expect(200)
        assert.equal(answer.header('content-length'), String(image.bytes.length))
        assert.equal(answer.header('docker-content-digest'), image.descriptor.digest)
        assert.equal(answer.body.length, 0)
      }
    },
    'a name may have dots, underscores, dashes and slashes': async (registry) => {
      const repository = `${registry.newRepository()}/a.b_c__d---e/0f`
      await registry.pushImage(repository, 'v1', someImage())
      ;(await registry.getManifest(repository, 'v1')).expect(200)
    },
    'a tag may have 128 characters, and letters of both cases': async (registry) => {
      const { repository, image } = await push(registry)
      const tag = `_A.b-C${'x'.repeat(122)}`
      ;(await registry.putManifest(repository, tag, image)).expect(201)
      ;(await registry.getManifest(repository, tag)).expect(200)
    },
    'a name, tag or digest that is none is refused': async (registry) => {
      const { repository, image } = await push(registry)
      for (const [name, reference] of [
        ['UPPER/case', 'v1'],
        [`${repository}/-a`, 'v1'],
        [repository, 'x'.repeat(129)],
        [repository, '.dot'],
        [repository, 'sha256:short'],
        [repository, `sha256:${'G'.repeat(64)}`],
      ] as const) {
        ;(await registry.getManifest(name, reference)).expect(400, 404)
        ;(await registry.putManifest(name, reference, image)).expect(400, 404)
      }
    },
  },
  should: {
    'Content-Type has no parameters': async (registry) => {
      const { repository } = await push(registry)
      assert.doesNotMatch((await registry.getManifest(repository, 'v1')).header('content-type'), /;/)
    },
    'the type is given when Accept names it among others, with and without weights': async (registry) => {
      const { repository, image } = await push(registry)
      for (const accept of [
        `${mediaTypes.dockerManifest}, ${mediaTypes.ociManifest}`,
        `${mediaTypes.ociIndex};q=0.9, ${mediaTypes.ociManifest};q=0.1`,
      ]) {
        const path = `/v2/${repository}/manifests/v1`
        const answer = (await registry.call('GET', path, { headers: { Accept: accept } })).expect(200)
        assert.ok(answer.body.equals(image.bytes))
      }
    },
  },
  may: {
    'a manifest is pushed and pulled by its sha512': async (registry) => {
      const repository = registry.newRepository()
      const image = someImage()
      for (const blob of image.blobs) await registry.pushBlob(repository, blob)
      const digest = digestOf(image.bytes, 'sha512')
      const put = await registry.putManifest(repository, digest, image)
      if (put.status !== 201) throw new Absent(`sha512 is ${put.status}`)
      const answer = (await registry.getManifest(repository, digest)).expect(200)
      assert.equal(answer.header('docker-content-digest'), digest)
    },
    'what a client has already is 304': async (registry) => {
      const { repository, image } = await push(registry)
      const path = `/v2/${repository}/manifests/v1`
      const { headers } = await registry.call('GET', path, { headers: acceptAll })
      if (headers.etag === undefined) throw new Absent('there is no ETag')
      for (const known of [headers.etag, `W/${headers.etag}`, `"x", ${headers.etag}`]) {
        const answer = (await registry.call('GET', path, { headers: { ...acceptAll, 'If-None-Match': known } })).expect(
          304,
        )
        assert.equal(answer.body.length, 0)
      }
      ;(await registry.call('GET', path, { headers: { ...acceptAll, 'If-None-Match': `"${unknown}"` } })).expect(200)
      assert.ok(headers.etag.includes(image.descriptor.digest))
    },
  },
  docker: {
    'Accept may be */*, or not there': async (registry) => {
      const { repository } = await push(registry)
      const path = `/v2/${repository}/manifests/v1`
      ;(await registry.call('GET', path, { headers: { Accept: '*/*' } })).expect(200)
      ;(await registry.call('GET', path)).expect(200)
    },
    'a manifest is not held back from a client that only names other types': async (registry) => {
      const { repository, image } = await push(registry)
      const headers = { Accept: mediaTypes.dockerManifest }
      const answer = await registry.call('GET', `/v2/${repository}/manifests/${image.descriptor.digest}`, { headers })
      answer.expect(200)
    },
  },
})
