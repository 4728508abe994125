import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImageManifest, ImageSummary } from '@slipway/client'
import { imageTree } from './image-tree.ts'

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`

const image = (letter: string, tags: readonly string[], more: Partial<ImageSummary> = {}): ImageSummary => ({
  Id: digest(letter),
  ParentId: '',
  RepoTags: tags,
  RepoDigests: [],
  Created: 0,
  Size: 2_000_000,
  SharedSize: -1,
  Labels: null,
  Containers: 0,
  ...more,
})

const manifest = (letter: string, architecture: string, used: readonly string[]): ImageManifest => ({
  ID: digest(letter),
  Descriptor: { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digest(letter), size: 1 },
  Available: true,
  Size: { Content: 1_000_000, Total: 3_000_000 },
  Kind: 'image',
  ImageData: { Platform: { os: 'linux', architecture }, Size: { Unpacked: 2_000_000 }, Containers: used },
})

test('images are shown with what they are for each machine, and what a container uses', () => {
  const attestation: ImageManifest = { ...manifest('e', '', []), Kind: 'attestation' }
  const away: ImageManifest = { ...manifest('f', 's390x', []), Available: false, Size: { Content: 0, Total: 0 } }
  const both = image('a', ['web:1', 'web:2'], {
    Manifests: [manifest('c', 'amd64', ['x']), manifest('d', 'arm64', []), away, attestation],
  })
  assert.deepEqual(imageTree([image('b', [], { Containers: 1 }), both]).split('\n'), [
    '                                                Info ->  U In Use',
    '',
    'IMAGE            ID             DISK USAGE   CONTENT SIZE   EXTRA',
    '<untagged>       bbbbbbbbbbbb          2MB            N/A   U',
    '',
    'web:1',
    'web:2            aaaaaaaaaaaa          2MB            3MB   U',
    '├─ linux/amd64   cccccccccccc          3MB            1MB   U',
    '└─ linux/arm64   dddddddddddd          3MB            1MB',
    '',
  ])
})
