import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compressionOf, formatPlatform, hostPlatform, isIndex, isManifest, mediaTypes } from './descriptor.ts'

test('compressionOf() reads the media types of OCI and docker', () => {
  assert.equal(compressionOf(mediaTypes.ociLayer), 'none')
  assert.equal(compressionOf(mediaTypes.ociLayerGzip), 'gzip')
  assert.equal(compressionOf(mediaTypes.ociLayerZstd), 'zstd')
  assert.equal(compressionOf(mediaTypes.dockerLayerGzip), 'gzip')
})

test('manifests and indexes are told apart, whoever made them', () => {
  assert.ok(isManifest(mediaTypes.ociManifest) && isManifest(mediaTypes.dockerManifest))
  assert.ok(isIndex(mediaTypes.ociIndex) && isIndex(mediaTypes.dockerManifestList))
  assert.ok(!isManifest(mediaTypes.ociIndex) && !isIndex(mediaTypes.ociManifest) && !isManifest(mediaTypes.ociConfig))
})

test('formatPlatform() speaks Go', () => {
  assert.equal(formatPlatform({ os: 'linux', architecture: 'arm64', variant: 'v8' }), 'linux/arm64/v8')
  assert.match(formatPlatform(hostPlatform()), /^linux\/(amd64|arm64\/v8|386|arm)/)
})
