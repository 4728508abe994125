import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ChainId, digestOf, type Snapshotter } from '@slipway/core'
import fc from 'fast-check'
import { temporaryDirectory } from '../temporary-directory.ts'
import { withMounted } from '../testing/mounted.ts'
import { act, action, describe, furnish } from '../testing/random-tree.ts'
import { CopySnapshotter } from './copy.ts'
import { ImageLayers } from './image-layers.ts'
import { OverlaySnapshotter } from './overlay.ts'

test('a layer applied elsewhere is what was diffed, whatever happened and whoever applies it', async () => {
  await using directory = await temporaryDirectory()
  for (const name of ['overlay', 'copy', 'images']) await mkdir(join(directory.path, name))
  await using overlay = await OverlaySnapshotter.open(join(directory.path, 'overlay'))
  await using copy = await CopySnapshotter.open(join(directory.path, 'copy'))
  await using images = await OverlaySnapshotter.open(join(directory.path, 'images'), new ImageLayers())
  const target = join(directory.path, 'mounted')
  let run = 0

  const look = async (snapshotter: Snapshotter, key: string, name: ChainId): Promise<readonly string[]> =>
    withMounted(target, await snapshotter.view(key, name), describe)

  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(action, { minLength: 5, maxLength: 30 }), { minLength: 2, maxLength: 3 }),
      async (layers) => {
        run += 1
        let parent: ChainId | undefined
        let elsewhere: ChainId | undefined
        for (const [at, steps] of layers.entries()) {
          const key = `${run} ${at}`
          const seen = await withMounted(target, await overlay.prepare(key, parent), (root) => {
            if (at === 0) furnish(root)
            for (const step of steps) act(root, step)
            return describe(root)
          })
          const to = join(directory.path, `${key}.tar`)
          const { diffId } = await overlay.diff(key, { to, compression: 'gzip' })
          const name = digestOf(`applied ${key}`)
          await overlay.apply({ path: to }, name, elsewhere, { expected: diffId })
          assert.deepEqual(await look(overlay, `${key} overlay`, name), seen)
          for (const [kind, other] of Object.entries({ copy, images })) {
            await other.apply({ path: to }, name, elsewhere, { expected: diffId })
            assert.deepEqual(await look(other, `${key} ${kind}`, name), seen, kind)
          }
          parent = digestOf(`committed ${key}`)
          await overlay.commit(key, parent)
          elsewhere = name
        }
      },
    ),
    { numRuns: 30 },
  )
})
