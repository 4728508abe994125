import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImageLayer, LayerFile } from '@slipway/client'
import { changeTree } from './change-tree.ts'
import { compareSettings, compareTrees } from './compare.ts'
import { exploreLayers } from './explore.ts'

const file = (path: string, size: number, digest = path): LayerFile => ({
  path,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size,
  digest,
})
const directory = (path: string): LayerFile => ({ path, type: 'directory', mode: 0o755, uid: 0, gid: 0 })
const gone = (path: string): LayerFile => ({ path, type: 'deleted' })

/** Layers from the bottom up, as the engine tells them. */
async function* image(...layers: readonly (readonly LayerFile[])[]): AsyncGenerator<{ layer: ImageLayer } | LayerFile> {
  for (const [place, files] of layers.entries()) {
    yield { layer: { diffId: `sha256:${place}`, chainId: '', createdBy: '' } }
    yield* files
  }
}

const short = ({ kind, path }: { kind: string; path: string }): string => `${kind} ${path}`

test('exploreLayers() tells what each layer adds, changes and deletes, and what it wastes', async () => {
  const { layers, tree } = await exploreLayers(
    image(
      [directory('/etc'), file('/etc/a', 10), file('/etc/b', 20), directory('/srv'), file('/srv/c', 40)],
      [directory('/etc'), file('/etc/a', 11, 'new'), gone('/etc/b'), file('/etc/d', 5)],
      [directory('/srv'), { path: '/srv', type: 'opaque' }, file('/srv/e', 1)],
    ),
  )
  assert.deepEqual(
    layers.map(({ changes }) => changes.map(short)),
    [
      ['added /etc', 'added /etc/a', 'added /etc/b', 'added /srv', 'added /srv/c'],
      ['changed /etc/a', 'deleted /etc/b', 'added /etc/d'],
      ['deleted /srv/c', 'added /srv/e'],
    ],
  )
  assert.deepEqual(
    layers.map(({ bytes, wasted }) => [bytes, wasted]),
    [
      [70, 0],
      [16, 30],
      [1, 40],
    ],
  )
  assert.deepEqual(
    [...tree.files()].map(({ path }) => path),
    ['/etc', '/etc/a', '/etc/d', '/srv', '/srv/e'],
  )
})

test('a whiteout speaks of the layers below, wherever it stands in its own', async () => {
  const below = [directory('/d'), file('/d/old', 7)]
  const { layers, tree } = await exploreLayers(image(below, [directory('/d'), file('/d/new', 1), gone('/d')]))
  assert.deepEqual(layers[1]?.changes.map(short), ['added /d/new', 'deleted /d/old'])
  assert.deepEqual(
    [...tree.files()].map(({ path }) => path),
    ['/d', '/d/new'],
  )
})

test('a directory that becomes a file takes with it what it held', async () => {
  const { layers } = await exploreLayers(image([directory('/x'), file('/x/y', 3)], [file('/x', 1)]))
  assert.deepEqual(layers[1]?.changes.map(short), ['changed /x', 'deleted /x/y'])
  assert.equal(layers[1]?.wasted, 3)
})

test('a hard link is the file it leads to and takes no room', async () => {
  const link: LayerFile = { path: '/l', type: 'hardlink', link: '/f' }
  const { layers, tree } = await exploreLayers(image([file('/f', 9, 'bytes'), link]))
  assert.equal(layers[0]?.bytes, 9)
  assert.equal([...tree.files()].find(({ path }) => path === '/l')?.digest, 'bytes')
})

test('compareTrees() tells what makes one image of another', async () => {
  const one = await exploreLayers(image([file('/a', 1), file('/b', 2), file('/c', 3)]))
  const other = await exploreLayers(image([file('/a', 1), file('/b', 2)], [file('/b', 2, 'other'), file('/d', 4)]))
  assert.deepEqual(compareTrees(one.tree, other.tree).map(short), ['changed /b', 'deleted /c', 'added /d'])
})

test('compareSettings() names the fields that differ', () => {
  assert.deepEqual(compareSettings({ Cmd: ['a'], User: '' }, { Cmd: ['b'], Env: null, Labels: {} }), [
    { Name: 'Cmd', From: ['a'], To: ['b'] },
  ])
})

test('changeTree() indents by directory and folds what is too deep', async () => {
  const { layers } = await exploreLayers(image([directory('/a'), directory('/a/b'), file('/a/b/c', 5)]))
  assert.deepEqual(changeTree(layers[0]?.changes ?? [], 2), ['  A      5B  a/', '  A      5B    b/ (1 below)'])
})
