import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf, mediaTypes, type SlipwayError } from '@slipway/core'
import { parseManifest } from './parse-manifest.ts'

const descriptor = { mediaType: mediaTypes.ociLayer, digest: digestOf('x'), size: 1 }
const config = { mediaType: mediaTypes.ociConfig, digest: digestOf('{}'), size: 2 }
const image = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [descriptor] }
const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] }

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const parse = (value: unknown, contentType?: string) => parseManifest(bytes(value), { contentType })
const codeOf = (action: () => unknown): unknown => {
  try {
    action()
    return 'accepted'
  } catch (error) {
    return (error as SlipwayError).detail['oci']
  }
}

test('parseManifest() finds what an image needs', () => {
  const manifest = parse(
    { ...image, annotations: { a: 'b' }, subject: descriptor },
    `${mediaTypes.ociManifest}; charset=x`,
  )
  assert.deepEqual(
    manifest.blobs.map(({ digest }) => digest),
    [config.digest, descriptor.digest],
  )
  assert.equal(manifest.artifactType, mediaTypes.ociConfig)
  assert.equal(manifest.subject, descriptor.digest)
  assert.deepEqual(manifest.annotations, { a: 'b' })
})

test('parseManifest() takes the type from the header, or guesses it, where the body has none', () => {
  const { mediaType: _, ...bare } = image
  assert.equal(parse(bare).mediaType, mediaTypes.ociManifest)
  assert.equal(parse(bare, mediaTypes.dockerManifest).mediaType, mediaTypes.dockerManifest)
  assert.equal(parse({ schemaVersion: 2, manifests: [] }).mediaType, mediaTypes.ociIndex)
})

test('parseManifest() leaves foreign layers out of what must be here', () => {
  const foreign = { ...descriptor, urls: ['https://example.com/layer'] }
  const manifest = parse({ ...image, layers: [foreign] })
  assert.deepEqual([manifest.blobs.length, manifest.foreign.length], [1, 1])
})

test('parseManifest() refuses what is no manifest, or two things at once', () => {
  const bad: readonly unknown[] = [
    [],
    'text',
    null,
    {},
    { ...image, schemaVersion: 1 },
    { ...image, schemaVersion: '2' },
    { ...image, mediaType: 'text/plain' },
    { ...image, mediaType: 7 },
    { ...image, manifests: [] },
    { ...index, layers: [] },
    { ...image, layers: 'none' },
    { ...image, config: undefined },
    { ...image, layers: [{ ...descriptor, digest: 'sha256:short' }] },
    { ...image, layers: [{ ...descriptor, size: -1 }] },
    { ...image, layers: [{ ...descriptor, size: 1.5 }] },
    { ...image, layers: [{ ...descriptor, mediaType: '' }] },
    { ...image, annotations: { a: 1 } },
    { ...image, subject: 'x' },
    { ...index, manifests: Array(5000).fill(descriptor) },
  ]
  for (const value of bad) {
    assert.equal(
      codeOf(() => parse(value)),
      'MANIFEST_INVALID',
      JSON.stringify(value).slice(0, 200),
    )
  }
  assert.equal(
    codeOf(() => parseManifest(Buffer.from('{"a":'), {})),
    'MANIFEST_INVALID',
  )
  assert.equal(
    codeOf(() => parseManifest(Buffer.from([0xff, 0xfe]), {})),
    'MANIFEST_INVALID',
  )
  assert.equal(
    codeOf(() => parse(image, mediaTypes.ociIndex)),
    'MANIFEST_INVALID',
  )
})

test('parseManifest() refuses bytes that are not those of the digest', () => {
  assert.equal(
    codeOf(() => parseManifest(bytes(image), { expected: digestOf('other') })),
    'DIGEST_INVALID',
  )
  const sha512 = digestOf(bytes(image), 'sha512')
  assert.equal(parseManifest(bytes(image), { expected: sha512 }).digest, sha512)
})
