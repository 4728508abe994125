import assert from 'node:assert/strict'
import { digestOf } from '@slipway/core'
import type { Candidate } from '../candidate.ts'
import { Absent, section } from '../check.ts'
import type { Answer } from '../connection.ts'
import { someBlob, someImage } from '../content.ts'

const unknown = digestOf('nobody pushed this')

/** 202; a registry may also refuse all deletions, in two ways. */
const remove = async (registry: Candidate, path: string): Promise<Answer> => {
  const answer = await registry.call('DELETE', path)
  if (answer.status === 400 || answer.status === 405) throw new Absent(`DELETE is ${answer.status}`)
  return answer
}

const push = async (registry: Candidate) => {
  const repository = registry.newRepository()
  const image = someImage()
  await registry.pushImage(repository, 'v1', image)
  ;(await registry.putManifest(repository, 'v2', image)).expect(201)
  return { repository, image, digest: image.descriptor.digest }
}

export const deletion = section('Deleting tags, manifests and blobs', {
  must: {
    'a tag is deleted with 202, and nothing else with it': async (registry) => {
      const { repository, digest } = await push(registry)
      ;(await remove(registry, `/v2/${repository}/manifests/v1`)).expect(202)
      ;(await registry.getManifest(repository, 'v1')).expect(404)
      ;(await registry.getManifest(repository, 'v2')).expect(200)
      ;(await registry.getManifest(repository, digest)).expect(200)
      assert.deepEqual(await registry.tags(repository), ['v2'])
    },
    'a manifest is deleted with 202, and all its tags with it': async (registry) => {
      const { repository, digest } = await push(registry)
      ;(await remove(registry, `/v2/${repository}/manifests/${digest}`)).expect(202)
      for (const reference of [digest, 'v1', 'v2']) (await registry.getManifest(repository, reference)).expect(404)
      assert.deepEqual((await registry.call('GET', `/v2/${repository}/tags/list`)).json()['tags'] ?? [], [])
    },
    'a blob is deleted with 202': async (registry) => {
      const repository = registry.newRepository()
      const blob = someBlob()
      await registry.pushBlob(repository, blob)
      ;(await remove(registry, `/v2/${repository}/blobs/${blob.descriptor.digest}`)).expect(202)
      ;(await registry.getBlob(repository, blob.descriptor.digest)).expect(404)
    },
    'what is not there is 404': async (registry) => {
      const { repository } = await push(registry)
      for (const name of [repository, registry.newRepository()]) {
        ;(await remove(registry, `/v2/${name}/manifests/${unknown}`)).expect(404)
        ;(await remove(registry, `/v2/${name}/blobs/${unknown}`)).expect(404)
      }
    },
    'what was deleted can be pushed again': async (registry) => {
      const { repository, image, digest } = await push(registry)
      ;(await remove(registry, `/v2/${repository}/manifests/${digest}`)).expect(202)
      await registry.pushImage(repository, 'v1', image)
      ;(await registry.getManifest(repository, 'v1')).expect(200)
    },
  },
})
