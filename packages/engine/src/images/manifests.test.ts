import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { mediaTypes, parseReference } from '@slipway/core'
import { loadImages } from './archive/load.ts'
import { inspectImage } from './inspect.ts'
import { listImages } from './list.ts'
import { openHarbour, seedImage } from './testing/harbour.ts'
import { amd64, arm64, layoutOfTwo } from './testing/two-machines.ts'

const { signal } = new AbortController()

test('what an index lists is told with how much of it is here, attestations too', async () => {
  await using harbour = await openHarbour()
  const { room, report, users } = harbour
  const tar = Readable.from([(await layoutOfTwo()).bytes], { objectMode: false })
  await loadImages(room, { tar, quiet: true, report, signal })
  const other = (await room.store.list()).find(({ config }) => config.architecture === 'arm64')
  users.set(other?.id ?? '', [{ id: 'container', running: false }])
  const rows = await listImages(room, { all: false, filters: new Map(), manifests: true })
  assert.equal(rows.length, 1)
  const manifests = rows[0]?.Manifests ?? []
  assert.deepEqual(
    manifests.map(({ Kind, Available, ImageData }) => [Kind, Available, ImageData?.Platform.architecture]),
    [
      ['image', true, arm64.architecture],
      ['image', true, amd64.architecture],
      ['attestation', true, undefined],
      ['image', false, 's390x'],
    ],
  )
  assert.deepEqual(manifests[0]?.ImageData?.Containers, ['container'])
  assert.equal(manifests[2]?.AttestationData?.For, manifests[1]?.ID)
  const { Size, ImageData } = manifests[0] ?? assert.fail()
  assert.ok(Size.Content > 0 && Size.Total === Size.Content + (ImageData?.Size.Unpacked ?? 0))
  assert.deepEqual(manifests[3]?.Size, { Content: 0, Total: 0 })
  assert.deepEqual((await inspectImage(room, 'web:1', { manifests: true })).Manifests, manifests)

  // What is not here any more is told as that, and an index that is gone is none.
  await room.store.content.delete(other?.id ?? assert.fail())
  const [first] = (await inspectImage(room, 'web:1', { manifests: true })).Manifests ?? []
  assert.equal(first?.Available, false)
  const index = other?.manifests.find(({ mediaType }) => mediaType === mediaTypes.ociIndex)
  await room.store.content.delete(index?.digest ?? assert.fail())
  assert.equal((await inspectImage(room, 'web:1', { manifests: true })).Manifests, undefined)
})

test('an image without an index, or of which nobody asks, has no list', async () => {
  await using harbour = await openHarbour()
  await seedImage(harbour, parseReference('one:1'))
  assert.equal((await inspectImage(harbour.room, 'one:1', { manifests: true })).Manifests, undefined)
  const [row] = await listImages(harbour.room, { all: false, filters: new Map() })
  assert.ok(row !== undefined && !('Manifests' in row))
})
