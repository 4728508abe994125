import assert from 'node:assert/strict'
import { digestOf, mediaTypes } from '@slipway/core'
import { acceptAll, type Candidate } from '../candidate.ts'
import { Absent, section } from '../check.ts'
import {
  content,
  emptyJson,
  indexOf,
  manifestOf,
  someArtifact,
  someBlob,
  someDockerImage,
  someImage,
} from '../content.ts'

const comesBack = async (registry: Candidate, repository: string, reference: string, bytes: Buffer): Promise<void> => {
  assert.ok((await registry.getManifest(repository, reference)).expect(200).body.equals(bytes))
}

/** Pushes the blobs of an image, but not its manifest. */
const pushParts = async (registry: Candidate, image = someImage()) => {
  const repository = registry.newRepository()
  for (const blob of image.blobs) await registry.pushBlob(repository, blob)
  return { repository, image }
}

/** A manifest of so many bytes. */
const manifestOfSize = (size: number) => {
  const parts = someImage()
  const annotations = {
    padding: 'x'.repeat(size - manifestOf(parts.blobs, { annotations: { padding: '' } }).bytes.length),
  }
  return manifestOf(parts.blobs, { annotations })
}

const mebibyte = 1 << 20

export const pushManifest = section('Pushing manifests', {
  must: {
    'PUT by tag or digest is 201, with a Location to pull from and the digest': async (registry) => {
      const { repository, image } = await pushParts(registry)
      for (const reference of [image.descriptor.digest, 'v1']) {
        const answer = (await registry.putManifest(repository, reference, image)).expect(201)
        assert.equal(answer.header('docker-content-digest'), image.descriptor.digest)
        const pulled = await registry.call('GET', answer.header('location'), { headers: acceptAll })
        assert.ok(pulled.expect(200).body.equals(image.bytes))
      }
    },
    'the bytes stay as they are, with all their spaces and fields nobody knows': async (registry) => {
      const { repository, image } = await pushParts(registry)
      const bytes = `\n${JSON.stringify({ 'com.example.unknown': [1], ...image, ...JSON.parse(image.bytes.toString()) }, null, 3)} \n`
      const spaced = content(bytes, mediaTypes.ociManifest)
      ;(await registry.putManifest(repository, 'spaced', spaced)).expect(201)
      await comesBack(registry, repository, 'spaced', spaced.bytes)
      await comesBack(registry, repository, spaced.descriptor.digest, spaced.bytes)
    },
    'a manifest may have no layers': async (registry) => {
      const { repository, image } = await pushParts(
        registry,
        manifestOf([emptyJson], { artifactType: 'application/x.test' }),
      )
      ;(await registry.putManifest(repository, 'v1', image)).expect(201)
    },
    'a tag is moved by the next push': async (registry) => {
      const repository = registry.newRepository()
      const [first, second] = [someImage(), someImage()]
      await registry.pushImage(repository, 'v1', first)
      await registry.pushImage(repository, 'v1', second)
      await comesBack(registry, repository, 'v1', second.bytes)
      await comesBack(registry, repository, first.descriptor.digest, first.bytes)
    },
    'an index of manifests is pushed, and one of indexes': async (registry) => {
      const { repository, image } = await pushParts(registry)
      ;(await registry.putManifest(repository, image.descriptor.digest, image)).expect(201)
      const index = indexOf([image])
      ;(await registry.putManifest(repository, index.descriptor.digest, index)).expect(201)
      const outer = indexOf([index, image], { annotations: { 'com.example.outer': 'yes' } })
      ;(await registry.putManifest(repository, 'v1', outer)).expect(201)
      await comesBack(registry, repository, 'v1', outer.bytes)
    },
    'a subject that is not there is no hindrance': async (registry) => {
      const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf('not pushed yet'), size: 100 }
      const { repository, image } = await pushParts(
        registry,
        someArtifact({ artifactType: 'application/x.test', subject }),
      )
      ;(await registry.putManifest(repository, image.descriptor.digest, image)).expect(201)
    },
    'OCI-Subject is the digest of the subject, when there are referrers': async (registry) => {
      const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf('whatever'), size: 8 }
      const { repository, image } = await pushParts(registry, someArtifact({ subject }))
      const answer = (await registry.putManifest(repository, image.descriptor.digest, image)).expect(201)
      const referrers = await registry.call('GET', `/v2/${repository}/referrers/${subject.digest}`)
      if (referrers.status === 404) throw new Absent('there is no referrers API')
      assert.equal(answer.header('oci-subject'), subject.digest)
    },
    'a manifest of missing blobs, if it is refused, is MANIFEST_BLOB_UNKNOWN': async (registry) => {
      const repository = registry.newRepository()
      await registry.pushBlob(repository, someBlob())
      for (const lost of [someImage(), { ...indexOf([someImage()]), blobs: [] }]) {
        const answer = await registry.putManifest(repository, 'v1', lost)
        if (answer.status === 201) throw new Absent('what is missing is not looked for')
        assert.ok(answer.expect(400, 404).codes().includes('MANIFEST_BLOB_UNKNOWN'))
        ;(await registry.getManifest(repository, 'v1')).expect(404)
      }
    },
    'a manifest under another digest than its own is refused': async (registry) => {
      const { repository, image } = await pushParts(registry)
      ;(await registry.putManifest(repository, digestOf('another'), image)).expect(400)
      ;(await registry.getManifest(repository, image.descriptor.digest)).expect(404)
    },
    'what is no manifest is refused': async (registry) => {
      const { repository, image } = await pushParts(registry)
      const { config } = JSON.parse(image.bytes.toString()) as { config: object }
      for (const text of [
        '',
        '{',
        '[]',
        'null',
        '"x"',
        '{"schemaVersion":2}',
        JSON.stringify({ schemaVersion: 2, config, layers: 'x' }),
      ]) {
        const answer = await registry.putManifest(repository, 'v1', content(text, mediaTypes.ociManifest))
        answer.expect(400)
      }
    },
  },
  should: {
    'a Content-Type with parameters is taken without them': async (registry) => {
      const { repository, image } = await pushParts(registry)
      const { mediaType } = image.descriptor
      const parameters = { ...image, descriptor: { ...image.descriptor, mediaType: `${mediaType}; charset=utf-8` } }
      ;(await registry.putManifest(repository, 'v1', parameters)).expect(201)
      assert.equal((await registry.getManifest(repository, 'v1')).header('content-type'), mediaType)
    },
    'a Content-Type that is not what the manifest says is refused': async (registry) => {
      const { repository, image } = await pushParts(registry)
      const lie = { ...image, descriptor: { ...image.descriptor, mediaType: mediaTypes.ociIndex } }
      ;(await registry.putManifest(repository, 'v1', lie)).expect(400)
    },
    'a manifest of nearly 4 MiB is taken': async (registry) => {
      const { repository, image } = await pushParts(registry, manifestOfSize(4 * mebibyte - 1))
      ;(await registry.putManifest(repository, 'v1', image)).expect(201)
      await comesBack(registry, repository, 'v1', image.bytes)
    },
    'a manifest without end is 413': async (registry) => {
      const { repository, image } = await pushParts(registry, manifestOfSize(24 * mebibyte))
      ;(await registry.putManifest(repository, 'v1', image)).expect(413)
    },
  },
  may: {
    'tags in the query of a push by digest are set, and named in OCI-Tag': async (registry) => {
      const { repository, image } = await pushParts(registry)
      const answer = await registry.putManifest(
        repository,
        image.descriptor.digest,
        image,
        '?tag=v1&tag=v1.2&tag=latest',
      )
      answer.expect(201)
      if (answer.headers['oci-tag'] === undefined) throw new Absent('there is no OCI-Tag')
      assert.deepEqual(answer.header('oci-tag').split(/, */).sort(), ['latest', 'v1', 'v1.2'])
      for (const tag of ['v1', 'v1.2', 'latest']) await comesBack(registry, repository, tag, image.bytes)
    },
  },
  docker: {
    'an image and a manifest list in Docker’s words are kept as such': async (registry) => {
      const { repository, image } = await pushParts(registry, someDockerImage())
      ;(await registry.putManifest(repository, image.descriptor.digest, image)).expect(201)
      const list = indexOf([image], { mediaType: mediaTypes.dockerManifestList })
      ;(await registry.putManifest(repository, 'v1', list)).expect(201)
      const answer = await registry.getManifest(repository, 'v1')
      assert.equal(answer.header('content-type'), mediaTypes.dockerManifestList)
    },
    'a layer that lies elsewhere need not be here': async (registry) => {
      const { repository, image } = await pushParts(registry)
      const body = JSON.parse(image.bytes.toString()) as { layers: object[] }
      const foreign = {
        mediaType: mediaTypes.dockerForeignLayer,
        digest: digestOf('elsewhere'),
        size: 9,
        urls: ['https://example.com/layer'],
      }
      const text = JSON.stringify({ ...body, layers: [...body.layers, foreign] })
      ;(await registry.putManifest(repository, 'v1', content(text, mediaTypes.ociManifest))).expect(201)
    },
  },
})
