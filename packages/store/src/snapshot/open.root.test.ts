import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, glob, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ChainId, digestOf, hasCode } from '@slipway/core'
import { mount, mountSnapshot, unmount } from '@slipway/linux'
import { tarHeader } from '../tar/header.ts'
import { packTar } from '../tar/pack.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { openSnapshotter, parseStorageDriver } from './open.ts'
import { probeImages } from './probe-images.ts'

test('snapshots are opened by the driver that made them, and another one is refused', async () => {
  await using directory = await temporaryDirectory()
  for (const driver of ['erofs', 'overlay', 'copy'] as const) {
    const root = join(directory.path, driver)
    for (const wanted of [driver, undefined]) {
      await using snapshotter = await openSnapshotter(root, wanted)
      assert.equal(snapshotter.driver, driver)
    }
    const other = driver === 'copy' ? 'erofs' : 'copy'
    await assert.rejects(openSnapshotter(root, other), (error: Error) => {
      assert.match(error.message, new RegExp(`made by the ${driver} driver, and ${other} is asked for`))
      return hasCode(error, 'conflict')
    })
    assert.ok(!readdirSync(root).some((name) => name.startsWith('probe')))
  }
})

test('a new root gets images where the kernel takes them, and an old one keeps what it has', async () => {
  await using directory = await temporaryDirectory()
  const best = await probeImages(join(directory.path, 'probed')).then(
    () => 'erofs',
    () => 'overlay',
  )
  await using fresh = await openSnapshotter(join(directory.path, 'fresh'))
  assert.equal(fresh.driver, best)
  const old = join(directory.path, 'old')
  await (await openSnapshotter(old, 'overlay'))[Symbol.asyncDispose]()
  await using again = await openSnapshotter(old)
  assert.equal(again.driver, 'overlay')
})

test('docker names for drivers are understood', () => {
  assert.deepEqual(['overlay2', 'vfs', 'erofs'].map(parseStorageDriver), ['overlay', 'copy', 'erofs'])
  assert.throws(() => parseStorageDriver('zfs'), /unknown storage driver "zfs"/)
  assert.throws(() => parseStorageDriver('constructor'), /unknown storage driver/)
})

test('images on a file system that they cannot be mounted from directly are mounted by loop devices', async () => {
  await using directory = await temporaryDirectory()
  const root = join(directory.path, 'tmpfs')
  const target = join(directory.path, 'mounted')
  await mkdir(root)
  mount({ source: 'tmpfs', target: root, type: 'tmpfs' })
  try {
    const layer = join(directory.path, 'layer')
    await writeFile(layer, packTar([{ header: tarHeader({ name: 'file', size: 5 }), body: Buffer.from('hello') }]))
    const name = digestOf('layer')
    await using snapshotter = await openSnapshotter(join(root, 'snapshots'), 'erofs')
    await snapshotter.apply({ path: layer }, name, undefined)
    const loops = execFileSync('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE']).toString()
    assert.ok(!loops.includes(root), 'nothing is mounted before it is used')
    mkdirSync(target)
    mountSnapshot(await snapshotter.view('look', name), target)
    assert.equal(readFileSync(join(target, 'file'), 'utf8'), 'hello')
    assert.match(
      execFileSync('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE']).toString(),
      /snapshots\/layers/,
    )
    unmount(target)
  } finally {
    unmount(target, { lazy: true })
    unmount(root, { lazy: true })
  }
})

test('what has changed in an image on the disk shows, though it is mounted and was read before', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'layer')
  const body = Buffer.alloc(10_000, 'x')
  await writeFile(path, packTar([{ header: tarHeader({ name: 'file', size: body.length }), body }]))
  const name = digestOf('layer')
  await using snapshotter = await openSnapshotter(join(directory.path, 'snapshots'), 'erofs')
  await snapshotter.apply({ path }, name, undefined)
  const { diffId } = await snapshotter.diff(name)
  assert.equal((await snapshotter.diff(name, { fromDisk: true })).diffId, diffId)
  const [image = ''] = await Array.fromAsync(glob(join(directory.path, 'snapshots/layers/*/image')))
  const bytes = await readFile(image)
  bytes.write('y', bytes.indexOf('xxxx'))
  await chmod(image, 0o600)
  await writeFile(image, bytes, { flag: 'r+' })
  assert.notEqual((await snapshotter.diff(name, { fromDisk: true })).diffId, diffId)
})

test('a hundred layers stand on one another, and what is mounted stays whole when they go', async () => {
  await using directory = await temporaryDirectory()
  await using snapshotter = await openSnapshotter(join(directory.path, 'snapshots'))
  const layers: { readonly name: ChainId; readonly path: string }[] = []
  for (let number = 0; number < 100; number += 1) {
    const path = join(directory.path, `layer-${number}`)
    const body = Buffer.from(`${number}`)
    const names = [`own-${number}`, 'same']
    await writeFile(path, packTar(names.map((name) => ({ header: tarHeader({ name, size: body.length }), body }))))
    layers.push({ name: digestOf(path), path })
  }
  const unpacked = await Promise.all(layers.map(({ path }) => snapshotter.unpack({ path })))
  for (const [at, { name }] of layers.entries()) await unpacked[at]?.commit(name, layers[at - 1]?.name)
  const target = join(directory.path, 'mounted')
  mkdirSync(target)
  mountSnapshot(await snapshotter.view('look', layers.at(-1)?.name ?? assert.fail()), target)
  try {
    const look = (): void => {
      assert.equal(readdirSync(target).length, 101)
      for (const [name, text] of [
        ['own-0', '0'],
        ['own-57', '57'],
        ['same', '99'],
      ] as const) {
        assert.equal(readFileSync(join(target, name), 'utf8'), text)
      }
    }
    look()
    await snapshotter.remove('look')
    for (const { name } of layers.toReversed()) await snapshotter.remove(name)
    if (snapshotter.driver === 'erofs') look()
  } finally {
    unmount(target)
  }
})
