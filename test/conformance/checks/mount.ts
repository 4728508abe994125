import assert from 'node:assert/strict'
import { digestOf } from '@slipway/core'
import type { Candidate } from '../candidate.ts'
import { Absent, section } from '../check.ts'
import type { Answer } from '../connection.ts'
import { someBlob } from '../content.ts'

const mount = (registry: Candidate, repository: string, query: string): Promise<Answer> =>
  registry.call('POST', `/v2/${repository}/blobs/uploads/?${query}`, { headers: { 'Content-Length': '0' } })

/** A blob in one repository, and the name of another. */
const pushElsewhere = async (registry: Candidate) => {
  const [from, to, blob] = [registry.newRepository(), registry.newRepository(), someBlob()]
  await registry.pushBlob(from, blob)
  return { from, to, ...blob, digest: blob.descriptor.digest }
}

const canBeUploaded = async (registry: Candidate, answer: Answer): Promise<void> => {
  const { bytes, descriptor } = someBlob()
  const finished = await registry.finish(answer.expect(202).header('location'), descriptor.digest, { body: bytes })
  finished.expect(201)
}

export const mountBlob = section('Mounting a blob from another repository', {
  must: {
    'a mount is 201 with a Location to pull from, or 202 for an upload': async (registry) => {
      const { from, to, digest, bytes } = await pushElsewhere(registry)
      const answer = (await mount(registry, to, `mount=${digest}&from=${from}`)).expect(201, 202)
      if (answer.status === 202) return canBeUploaded(registry, answer)
      const pulled = (await registry.call('GET', answer.header('location'))).expect(200)
      assert.ok(pulled.body.equals(bytes))
      ;(await registry.call('HEAD', `/v2/${to}/blobs/${digest}`)).expect(200)
    },
  },
  should: {
    'a mount of what is not there is 202, for an upload': async (registry) => {
      const { from, to, digest } = await pushElsewhere(registry)
      await canBeUploaded(registry, await mount(registry, to, `mount=${digestOf('unknown')}&from=${from}`))
      await canBeUploaded(registry, await mount(registry, to, `mount=${digest}&from=${registry.newRepository()}`))
    },
  },
  may: {
    'a mount works, also with an escaped name and parameters that nobody knows': async (registry) => {
      const { from, to, digest } = await pushElsewhere(registry)
      const query = `mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(from)}&origin=example.com`
      const answer = (await mount(registry, to, query)).expect(201, 202)
      if (answer.status === 202) throw new Absent('nothing is mounted')
      assert.equal(answer.header('docker-content-digest'), digest)
    },
    'a mount without from finds the blob': async (registry) => {
      const { to, digest } = await pushElsewhere(registry)
      const answer = (await mount(registry, to, `mount=${digest}`)).expect(201, 202)
      if (answer.status === 202) throw new Absent('the source must be named')
      ;(await registry.getBlob(to, digest)).expect(200)
    },
  },
})
