import assert from 'node:assert/strict'
import { digestOf, mediaTypes } from '@slipway/core'
import type { Candidate, Listed } from '../candidate.ts'
import { Absent, section } from '../check.ts'
import { type Content, indexOf, someArtifact, someImage } from '../content.ts'

const sbom = 'application/vnd.example.sbom.v1'
const signature = 'application/vnd.example.signature.v1'

const answerOf = async (registry: Candidate, repository: string, digest: string, query = '') => {
  const answer = await registry.call('GET', `/v2/${repository}/referrers/${digest}${query}`)
  if (answer.status === 404) throw new Absent('there is no referrers API')
  return answer
}

/** An image, and what refers to it: an SBOM, a signature named by its config, an index. */
const pushAll = async (registry: Candidate) => {
  const repository = registry.newRepository()
  const image = someImage()
  await registry.pushImage(repository, 'v1', image)
  await answerOf(registry, repository, image.descriptor.digest)
  const subject = image.descriptor
  const bill = someArtifact({ artifactType: sbom, subject, annotations: { 'org.example.format': 'json' } })
  const signed = someImage({ subject })
  const index = indexOf([image], { subject, annotations: { 'org.example.of': 'index' } })
  await registry.pushImage(repository, bill.descriptor.digest, bill)
  await registry.pushImage(repository, signed.descriptor.digest, signed)
  ;(await registry.putManifest(repository, index.descriptor.digest, index)).expect(201)
  return { repository, digest: subject.digest, bill, signed, index }
}

const find = (listed: readonly Listed[], { descriptor }: Content): Listed => {
  const found = listed.find(({ digest }) => digest === descriptor.digest)
  assert.ok(found, `${descriptor.digest} is listed`)
  assert.deepEqual([found.mediaType, found.size], [descriptor.mediaType, descriptor.size])
  return found
}

export const referrers = section('Listing referrers', {
  must: {
    'the list is an OCI index, also of nothing': async (registry) => {
      const repository = registry.newRepository()
      await registry.pushImage(repository, 'v1', someImage())
      const answer = (await answerOf(registry, repository, digestOf('no one refers to this'))).expect(200)
      assert.equal(answer.header('content-type').split(';')[0], mediaTypes.ociIndex)
      const { schemaVersion, mediaType, manifests } = answer.json()
      assert.deepEqual([schemaVersion, mediaType, manifests], [2, mediaTypes.ociIndex, []])
    },
    'manifests and indexes are listed with type, size, artifact type and annotations': async (registry) => {
      const { repository, digest, bill, signed, index } = await pushAll(registry)
      const listed = await registry.referrers(repository, digest)
      assert.equal(listed.length, 3)
      assert.equal(find(listed, bill).artifactType, sbom)
      assert.deepEqual(find(listed, bill).annotations, { 'org.example.format': 'json' })
      assert.equal(find(listed, signed).artifactType, mediaTypes.ociConfig)
      assert.equal(find(listed, index).artifactType, undefined)
      assert.deepEqual(find(listed, index).annotations, { 'org.example.of': 'index' })
    },
    'a referrer that came before its subject is listed': async (registry) => {
      const repository = registry.newRepository()
      const image = someImage()
      const early = someArtifact({ artifactType: signature, subject: image.descriptor })
      await registry.pushImage(repository, early.descriptor.digest, early)
      await answerOf(registry, repository, image.descriptor.digest)
      await registry.pushImage(repository, 'v1', image)
      find(await registry.referrers(repository, image.descriptor.digest), early)
    },
    'a referrer is listed in its own repository only': async (registry) => {
      const { digest } = await pushAll(registry)
      const other = registry.newRepository()
      await registry.pushImage(other, 'v1', someImage())
      assert.deepEqual(await registry.referrers(other, digest), [])
    },
    'a digest that is none is 400': async (registry) => {
      const { repository } = await pushAll(registry)
      for (const digest of ['sha256:short', 'nonsense']) (await answerOf(registry, repository, digest)).expect(400)
    },
    'a referrer that was deleted is not listed any more': async (registry) => {
      const { repository, digest, bill } = await pushAll(registry)
      const gone = await registry.call('DELETE', `/v2/${repository}/manifests/${bill.descriptor.digest}`)
      if (gone.status !== 202) throw new Absent(`DELETE is ${gone.status}`)
      assert.equal((await registry.referrers(repository, digest)).length, 2)
    },
  },
  should: {
    'artifactType filters, and OCI-Filters-Applied says so': async (registry) => {
      const { repository, digest, bill } = await pushAll(registry)
      const answer = await answerOf(registry, repository, digest, `?artifactType=${encodeURIComponent(sbom)}`)
      if (answer.headers['oci-filters-applied'] === undefined) throw new Absent('nothing is filtered')
      assert.equal(answer.header('oci-filters-applied'), 'artifactType')
      const listed = answer.json()['manifests'] as readonly Listed[]
      assert.deepEqual(
        listed.map((one) => one.digest),
        [bill.descriptor.digest],
      )
      const none = await registry.referrers(repository, digest, '?artifactType=application/x.none')
      assert.deepEqual(none, [])
    },
  },
})
