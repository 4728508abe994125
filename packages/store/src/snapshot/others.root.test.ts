import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { type ChainId, digestOf } from '@slipway/core'
import fc from 'fast-check'
import { temporaryDirectory } from '../temporary-directory.ts'
import { Layout } from '../testing/layout.ts'
import { withMounted } from '../testing/mounted.ts'
import { type Action, act, action, describe, furnish } from '../testing/random-tree.ts'
import { OverlaySnapshotter } from './overlay.ts'

const numRuns = process.env['SLIPWAY_TEST_LONG'] === '1' ? 200 : 8
const run = promisify(execFile)
const layers = fc.array(fc.array(action, { minLength: 5, maxLength: 30 }), { minLength: 2, maxLength: 4 })

/** Each try with a place and a snapshotter of its own, and nothing left of the one before. */
const eachTry = async (
  body: (given: readonly (readonly Action[])[], world: { path: string; overlay: OverlaySnapshotter }) => Promise<void>,
): Promise<void> => {
  await fc.assert(
    fc.asyncProperty(layers, async (given) => {
      await using directory = await temporaryDirectory()
      await mkdir(join(directory.path, 'snapshots'))
      await using overlay = await OverlaySnapshotter.open(join(directory.path, 'snapshots'))
      await body(given, { path: directory.path, overlay })
    }),
    // Each try takes a while: the first that fails is told, not the smallest.
    { numRuns, endOnFailure: true },
  )
}

test('what umoci unpacks of our layers is what was there', async () => {
  await eachTry(async (given, { path, overlay }) => {
    const files: { path: string; diffId: string }[] = []
    let parent: ChainId | undefined
    let seen: readonly string[] = []
    for (const [at, steps] of given.entries()) {
      seen = await withMounted(join(path, 'mounted'), await overlay.prepare(`${at}`, parent), (root) => {
        if (at === 0) furnish(root)
        for (const step of steps) act(root, step)
        return describe(root)
      })
      const to = join(path, `${at}.tar.gz`)
      const { diffId } = await overlay.diff(`${at}`, { to, compression: 'gzip' })
      files.push({ path: to, diffId })
      parent = digestOf(`layer ${at}`)
      await overlay.commit(`${at}`, parent)
    }
    const layout = new Layout(join(path, 'layout'))
    await layout.write('ours', files)
    const bundle = join(path, 'bundle')
    await run('umoci', ['unpack', '--image', `${layout.path}:ours`, bundle])
    assert.deepEqual(describe(join(bundle, 'rootfs')), seen)
  })
})

test('what we unpack of GNU tar’s layers is what was there, and what GNU tar unpacks of ours', async () => {
  await eachTry(async ([steps = []], { path, overlay }) => {
    const [tree, other, mounted] = [join(path, 'tree'), join(path, 'other'), join(path, 'mounted')]
    for (const directory of [tree, other]) await mkdir(directory)
    furnish(tree)
    for (const step of steps) act(tree, step)
    const seen = describe(tree)
    const gnu = ['--format=posix', '--xattrs', '--xattrs-include=*', '--numeric-owner']
    const [theirs, ours] = [join(path, 'theirs.tar'), join(path, 'ours.tar')]
    await run('tar', [...gnu, '-C', tree, '-cf', theirs, '.'])
    const name = digestOf('layer')
    await overlay.apply({ path: theirs }, name, undefined)
    assert.deepEqual(await withMounted(mounted, await overlay.view('look', name), describe), seen)
    await overlay.diff(name, { to: ours })
    await run('tar', [...gnu, '--same-owner', '-p', '-C', other, '-xf', ours])
    assert.deepEqual(describe(other), seen)
  })
})
