import assert from 'node:assert/strict'
import { digestOf } from '@slipway/core'
import type { Candidate } from '../candidate.ts'
import { section } from '../check.ts'
import type { Answer } from '../connection.ts'
import { someImage } from '../content.ts'

const unknown = digestOf('nobody pushed this')

/** A refusal of each kind that is easily come by. */
const refusals = async (registry: Candidate): Promise<readonly (readonly [string, Answer])[]> => {
  const repository = registry.newRepository()
  await registry.pushImage(repository, 'v1', someImage())
  return [
    ['MANIFEST_UNKNOWN', await registry.getManifest(repository, 'no-such-tag')],
    ['BLOB_UNKNOWN', await registry.getBlob(repository, unknown)],
    ['NAME_UNKNOWN', await registry.call('GET', `/v2/${registry.newRepository()}/tags/list`)],
    ['BLOB_UPLOAD_UNKNOWN', await registry.call('GET', `/v2/${repository}/blobs/uploads/unknown`)],
    ['DIGEST_INVALID', await registry.finish(await registry.begin(repository), unknown, { body: 'x' })],
  ]
}

export const errors = section('Error codes', {
  must: {
    'a refusal in JSON lists errors, each with a code of capitals and underscores': async (registry) => {
      for (const [, answer] of await refusals(registry)) {
        if (!/json/.test(answer.headers['content-type'] ?? '')) continue
        for (const code of answer.codes()) assert.match(code, /^[A-Z_]+$/)
      }
    },
    'a Warning, where there is one, is 299 from -, without a date': async (registry) => {
      for (const [, { headers }] of await refusals(registry)) {
        assert.match(String(headers['warning'] ?? '299 - "x"'), /^299 - "(?:[^"\\]|\\.)*"$/)
      }
    },
  },
  should: {
    'each refusal has its code of the table': async (registry) => {
      for (const [code, answer] of await refusals(registry)) assert.deepEqual(answer.codes(), [code])
    },
  },
})
