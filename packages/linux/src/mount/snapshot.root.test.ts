import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { scratchDirectory } from '../testing/scratch-directory.ts'
import { mount, unmount } from './mount.ts'
import { isMountPoint, makeSharedMount } from './mount-point.ts'
import { readMountInfo } from './mountinfo.ts'
import { mountSnapshot } from './snapshot.ts'

const directories = (root: string, ...names: readonly string[]): readonly string[] =>
  names.map((name) => {
    mkdirSync(join(root, name), { recursive: true })
    return join(root, name)
  })

/** Lower directories with a file each, and what an overlay over them needs. */
const stack = (root: string, count: number, nameOf: (layer: number) => string) => {
  const lower = directories(root, ...Array.from({ length: count }, (_, layer) => nameOf(layer)))
  for (const [layer, path] of lower.entries()) {
    writeFileSync(join(path, `file${layer}`), '')
    writeFileSync(join(path, 'who'), String(layer))
  }
  const [upper, work, target = ''] = directories(root, 'upper', 'work', 'target')
  const overlay = {
    type: 'overlay',
    source: 'overlay',
    options: [
      ...['redirect_dir=off', 'metacopy=off', 'index=off', 'nosuid'],
      ...[`lowerdir=${lower.join(':')}`, `upperdir=${upper}`, `workdir=${work}`],
    ],
  }
  return { overlay, target, upper: upper ?? '' }
}

test('an overlay is mounted, with flags and options apart', () => {
  using directory = scratchDirectory()
  const { overlay, target, upper } = stack(directory.path, 3, (layer) => `lower${layer}`)
  mountSnapshot([overlay], target)
  assert.deepEqual(readdirSync(target), ['file0', 'file1', 'file2', 'who'])
  assert.equal(readFileSync(join(target, 'who'), 'utf8'), '0', 'the first is on top')
  writeFileSync(join(target, 'new'), '')
  assert.deepEqual(readdirSync(upper), ['new'])
  const [info] = readMountInfo(target)
  assert.equal(info?.type, 'overlay')
  assert.ok(info?.options.includes('nosuid'))
})

test('an overlay of 128 layers with long names is mounted in the same order', () => {
  using directory = scratchDirectory()
  const nameOf = (layer: number) => join('x'.repeat(layer % 3 === 0 ? 250 : 60), `layer${layer}`)
  const { overlay, target } = stack(directory.path, 128, nameOf)
  mountSnapshot([overlay], target)
  assert.equal(readdirSync(target).length, 129)
  assert.equal(readFileSync(join(target, 'who'), 'utf8'), '0')
  const [info] = readMountInfo(target)
  assert.equal(info?.source, 'overlay')
  assert.ok(info.options.includes('nosuid'))
  writeFileSync(join(target, 'new'), '')
})

test('a comma in a path of an overlay is no end of an option', () => {
  using directory = scratchDirectory()
  const { overlay, target } = stack(directory.path, 2, (layer) => `a,b${layer}`)
  mountSnapshot([overlay], target)
  assert.deepEqual(readdirSync(target), ['file0', 'file1', 'who'])
})

test('what the kernel has against a long overlay is in the error', () => {
  using directory = scratchDirectory()
  const { overlay, target } = stack(directory.path, 2, (layer) => `a,b${layer}`)
  const broken = { ...overlay, options: [...overlay.options, 'nonsense=1'] }
  assert.throws(() => mountSnapshot([broken], target), { code: 'EINVAL', message: /nonsense/ })
  assert.equal(isMountPoint(target), false)
})

test('a read-only bind mount takes no writes, nor do the mounts below a recursive one', () => {
  using directory = scratchDirectory()
  const [source = '', below = '', target = ''] = directories(directory.path, 'source', 'source/below', 'target')
  mount({ source: 'tmpfs', target: below, type: 'tmpfs', flags: ['nodev'], data: 'size=1m' })
  mountSnapshot([{ type: 'bind', source, options: ['rbind', 'ro'] }], target)
  assert.throws(() => writeFileSync(join(target, 'file'), ''), { code: 'EROFS' })
  assert.throws(() => writeFileSync(join(target, 'below/file'), ''), { code: 'EROFS' })
  assert.ok(readMountInfo(join(target, 'below'))[0]?.options.includes('nodev'), 'what was forbidden stays so')
  writeFileSync(join(source, 'file'), 'still writable here')
  assert.equal(readFileSync(join(target, 'file'), 'utf8'), 'still writable here')
})

test('a bind mount takes access times and propagation from its options', () => {
  using directory = scratchDirectory()
  const [source = '', target = ''] = directories(directory.path, 'source', 'target')
  mountSnapshot([{ type: 'bind', source, options: ['bind', 'noatime', 'rshared'] }], target)
  const [info] = readMountInfo(target)
  assert.ok(info?.options.includes('noatime'))
  assert.ok(info?.propagation.some((tag) => tag.startsWith('shared:')))
})

test('mounts lie one over the other, and none stays when one fails', () => {
  using directory = scratchDirectory()
  const [source = '', target = ''] = directories(directory.path, 'source', 'target')
  const tmpfs = { type: 'tmpfs', source: 'tmpfs', options: ['size=64k', 'mode=700'] }
  mountSnapshot([{ type: 'bind', source, options: ['rw'] }, tmpfs], target)
  assert.deepEqual(
    readMountInfo(target).map(({ type }) => type === 'tmpfs'),
    [false, true],
  )
  unmount(target)
  unmount(target)
  assert.equal(isMountPoint(target), false)
  const missing = { type: 'bind', source: join(directory.path, 'missing'), options: [] }
  assert.throws(() => mountSnapshot([tmpfs, tmpfs, missing], target), { code: 'ENOENT', syscall: 'open_tree' })
  assert.deepEqual(readMountInfo(target), [])
})

test('unmount() takes what is not mounted, or not there, as done; not what is in use', () => {
  using directory = scratchDirectory()
  unmount(directory.path)
  unmount(join(directory.path, 'missing'))
  mount({ source: 'tmpfs', target: directory.path, type: 'tmpfs' })
  const [below = ''] = directories(directory.path, 'below')
  mount({ source: 'tmpfs', target: below, type: 'tmpfs' })
  assert.throws(() => unmount(directory.path), { code: 'EBUSY', syscall: 'umount2', path: directory.path })
  unmount(directory.path, { lazy: true })
  assert.equal(isMountPoint(directory.path), false)
})

test('makeSharedMount() makes one mount however often it is called, and hides nothing that is mounted below', () => {
  using directory = scratchDirectory()
  const [below = ''] = directories(directory.path, 'below')
  mount({ source: 'tmpfs', target: below, type: 'tmpfs' })
  writeFileSync(join(below, 'file'), '')
  makeSharedMount(directory.path)
  makeSharedMount(directory.path)
  const own = readMountInfo(directory.path).filter(({ target }) => target === directory.path)
  assert.equal(own.length, 1)
  assert.ok(own[0]?.propagation.some((tag) => tag.startsWith('shared:')))
  assert.deepEqual(readdirSync(below), ['file'])
})

test('options longer than a page are refused, since the kernel would cut them', () => {
  using directory = scratchDirectory()
  const data = `size=1m,${'x'.repeat(4096)}`
  assert.throws(() => mount({ source: 'tmpfs', target: directory.path, type: 'tmpfs', data }), RangeError)
})
