import assert from 'node:assert/strict'
import type { Candidate } from '../candidate.ts'
import { Absent, section } from '../check.ts'
import { content, someBlob } from '../content.ts'

/** Three chunks of one blob, as large as this registry wants them. */
const cut = async (registry: Candidate) => {
  const repository = registry.newRepository()
  const begun = await registry.call('POST', `/v2/${repository}/blobs/uploads/`, { headers: { 'Content-Length': '0' } })
  const size = Number(begun.expect(202).headers['oci-chunk-min-length'] ?? 10)
  const { bytes, descriptor } = someBlob(2 * size + 5)
  const chunks = [bytes.subarray(0, size), bytes.subarray(size, 2 * size), bytes.subarray(2 * size)] as const
  return { repository, digest: descriptor.digest, bytes, size, chunks, location: begun.header('location') }
}

const isWhole = async (registry: Candidate, { repository, digest, bytes }: Awaited<ReturnType<typeof cut>>) => {
  assert.ok((await registry.getBlob(repository, digest)).expect(200).body.equals(bytes))
}

export const pushChunks = section('Pushing a blob in chunks', {
  must: {
    'each chunk is 202 with a Location and the Range that is there; PUT ends it': async (registry) => {
      const upload = await cut(registry)
      let { location } = upload
      for (const [at, chunk] of upload.chunks.entries()) {
        const answer = (await registry.chunk(location, at * upload.size, chunk)).expect(202)
        assert.equal(answer.header('range'), `0-${at * upload.size + chunk.length - 1}`)
        location = answer.header('location')
      }
      ;(await registry.finish(location, upload.digest)).expect(201).header('location')
      await isWhole(registry, upload)
    },
    'the last chunk may come with the PUT': async (registry) => {
      const upload = await cut(registry)
      const [first, ...rest] = upload.chunks
      const begun = (await registry.chunk(upload.location, 0, first)).expect(202)
      const last = Buffer.concat(rest)
      const range = { 'Content-Range': `${upload.size}-${upload.bytes.length - 1}` }
      ;(await registry.finish(begun.header('location'), upload.digest, { headers: range, body: last })).expect(201)
      await isWhole(registry, upload)
    },
    'a chunk out of order is 416, and the upload goes on': async (registry) => {
      const upload = await cut(registry)
      const [first, second, third] = upload.chunks
      ;(await registry.chunk(upload.location, upload.size, second)).expect(416)
      let { location } = upload
      location = (await registry.chunk(location, 0, first)).expect(202).header('location')
      ;(await registry.chunk(location, 0, first)).expect(416)
      ;(await registry.chunk(location, 2 * upload.size, third)).expect(416)
      location = (await registry.call('GET', location)).expect(204).header('location')
      location = (await registry.chunk(location, upload.size, second)).expect(202).header('location')
      location = (await registry.chunk(location, 2 * upload.size, third)).expect(202).header('location')
      ;(await registry.finish(location, upload.digest)).expect(201)
      await isWhole(registry, upload)
    },
    'a last chunk out of order is 416 also with the PUT': async (registry) => {
      const upload = await cut(registry)
      const begun = (await registry.chunk(upload.location, 0, upload.chunks[0])).expect(202)
      const end = upload.bytes.length
      const range = { 'Content-Range': `${2 * upload.size}-${end - 1}` }
      const answer = await registry.finish(begun.header('location'), upload.digest, {
        headers: range,
        body: upload.chunks[2],
      })
      answer.expect(416)
    },
    'GET of an upload is 204 with its Location and Range': async (registry) => {
      const upload = await cut(registry)
      const begun = (await registry.chunk(upload.location, 0, upload.chunks[0])).expect(202)
      const answer = (await registry.call('GET', begun.header('location'))).expect(204)
      assert.equal(answer.header('range'), `0-${upload.size - 1}`)
      const next = await registry.chunk(answer.header('location'), upload.size, upload.chunks[1])
      next.expect(202)
    },
    'an upload that ends with another digest is refused': async (registry) => {
      const upload = await cut(registry)
      const begun = (await registry.chunk(upload.location, 0, upload.chunks[0])).expect(202)
      ;(await registry.finish(begun.header('location'), upload.digest)).expect(400)
      ;(await registry.getBlob(upload.repository, upload.digest)).expect(404)
    },
    'an upload that nobody began is 404': async (registry) => {
      const repository = registry.newRepository()
      await registry.begin(repository)
      const location = `/v2/${repository}/blobs/uploads/00000000-0000-4000-8000-000000000000`
      ;(await registry.call('GET', location)).expect(404)
      ;(await registry.call('PATCH', location, { body: 'x' })).expect(404)
      ;(await registry.finish(location, content('x', 'text/plain').descriptor.digest, { body: 'x' })).expect(404)
    },
  },
  should: {
    'DELETE of an upload is 204, and it is gone': async (registry) => {
      const upload = await cut(registry)
      const begun = (await registry.chunk(upload.location, 0, upload.chunks[0])).expect(202)
      ;(await registry.call('DELETE', begun.header('location'), { headers: { 'Content-Length': '0' } })).expect(204)
      ;(await registry.call('GET', begun.header('location'))).expect(404)
      ;(await registry.finish(begun.header('location'), upload.digest)).expect(404)
    },
    'OCI-Chunk-Min-Length, if it is there, is a number of bytes': async (registry) => {
      const repository = registry.newRepository()
      const { headers } = await registry.call('POST', `/v2/${repository}/blobs/uploads/`, {
        headers: { 'Content-Length': '0' },
      })
      if (headers['oci-chunk-min-length'] === undefined) throw new Absent('chunks may have any length')
      assert.match(String(headers['oci-chunk-min-length']), /^[1-9]\d*$/)
    },
    'a Content-Range that is none, or says another length than the body has, is refused': async (registry) => {
      const { location } = await cut(registry)
      for (const range of ['nonsense', '5-2', '0-99']) {
        const headers = { 'Content-Type': 'application/octet-stream', 'Content-Range': range }
        ;(await registry.call('PATCH', location, { headers, body: 'abc' })).expect(400, 416)
      }
    },
  },
  docker: {
    'bytes without length and range are appended, as docker sends them': async (registry) => {
      const upload = await cut(registry)
      const answer = (await registry.call('PATCH', upload.location, { body: upload.chunks })).expect(202)
      assert.equal(answer.header('range'), `0-${upload.bytes.length - 1}`)
      ;(await registry.finish(answer.header('location'), upload.digest)).expect(201)
      await isWhole(registry, upload)
    },
    'the Location goes on to be good when the client adds a digest to its query': async (registry) => {
      const { location } = await cut(registry)
      const { bytes, descriptor } = someBlob()
      const url = new URL(location, 'http://base')
      url.searchParams.set('digest', descriptor.digest)
      const path = location.startsWith('http')
        ? location.replace(/\?.*$|$/, url.search)
        : `${url.pathname}${url.search}`
      ;(await registry.call('PUT', path, { body: bytes })).expect(201)
    },
    'Docker-Upload-UUID names the upload': async (registry) => {
      const repository = registry.newRepository()
      const answer = await registry.call('POST', `/v2/${repository}/blobs/uploads/`, {
        headers: { 'Content-Length': '0' },
      })
      assert.ok(answer.header('location').includes(answer.header('docker-upload-uuid')))
    },
  },
})
