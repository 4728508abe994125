import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { hasCode, type Platform, parseReference } from '@slipway/core'
import { loadImages } from './archive/load.ts'
import { checkImages } from './check.ts'
import { removeForPlatform } from './remove-platform.ts'
import { type Harbour, openHarbour, seedImage } from './testing/harbour.ts'
import { amd64, arm64, layoutOfTwo } from './testing/two-machines.ts'

const { signal } = new AbortController()

const remove = ({ room }: Harbour, platform: Platform, force = false) =>
  removeForPlatform(room, 'web:1', platform, { force, noPrune: false })

const architectures = async ({ room }: Harbour): Promise<readonly string[]> =>
  (await room.store.list()).map(({ config }) => config.architecture).toSorted()

test('of a name of several machines the image for one is removed, and another one has the name', async () => {
  for (const [gone, left] of [
    [amd64, arm64],
    [arm64, amd64],
  ] as const) {
    await using harbour = await openHarbour()
    const { room, report } = harbour
    const tar = Readable.from([(await layoutOfTwo()).bytes], { objectMode: false })
    await loadImages(room, { tar, quiet: true, report, signal })
    await assert.rejects(remove(harbour, gone), (error) => hasCode(error, 'conflict'))
    assert.deepEqual(await architectures(harbour), ['amd64', 'arm64'])
    await remove(harbour, gone, true)
    assert.equal((await room.store.resolve('web:1')).config.architecture, left.architecture)
    assert.deepEqual(await architectures(harbour), [left.architecture])
    assert.deepEqual((await checkImages(room, { repair: false, needed: [], signal })).Findings, [])
    // The last one needs no force, as any other.
    await remove(harbour, left)
    assert.deepEqual(await architectures(harbour), [])
    assert.deepEqual(await Array.fromAsync(room.store.content.list()), [])
  }
})

test('what is not for the platform stays', async () => {
  await using harbour = await openHarbour()
  await seedImage(harbour, parseReference('web:1'))
  await assert.rejects(remove(harbour, { os: 'linux', architecture: 's390x' }, true), (error) =>
    hasCode(error, 'not-found'),
  )
  assert.equal((await harbour.room.store.list()).length, 1)
})
