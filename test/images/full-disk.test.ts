import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { eventually } from '../harness/patience.ts'
import { TestRegistry } from '../harness/registry.ts'
import { run } from '../harness/run.ts'
import { openScratch } from '../harness/scratch.ts'
import { makeTar } from '../harness/tar.ts'
import { imageOf, layoutOf } from './parts.ts'

const megabyte = 1 << 20
/** What there may be more of than before: the database's log, and what the file system rounds up. */
const slack = 2 * megabyte

test('an image for which there is no room is refused, and what it took is free again', async (t) => {
  await using scratch = await openScratch()
  await using registry = await TestRegistry.start(scratch)
  const dataRoot = join(scratch.path, 'small')
  await mkdir(dataRoot)
  assert.equal((await run('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', dataRoot])).code, 0)
  await using large = await TestEngine.start(scratch)
  await using engine = await TestEngine.start(scratch, { dataRoot })
  const client = engine.client()
  await engine.addBusybox()

  // Its blob fits, beside it its files don't; of the other not even the blob does.
  const [first, second] = [
    layoutOf([...Object.values(imageOf(makeTar([{ name: 'large', body: randomBytes(24 * megabyte) }])))]),
    layoutOf([...Object.values(imageOf(makeTar([{ name: 'larger', body: randomBytes(48 * megabyte) }])))]),
  ]
  const bomb = layoutOf([
    ...Object.values(imageOf(makeTar([{ name: 'zeros', body: Buffer.alloc(200 * megabyte, 'z') }]))),
  ])
  const archives = { 'too large unpacked': first, 'too large as it is': second, 'a bomb': bomb }
  for (const [what, archive] of Object.entries(archives)) await writeFile(join(scratch.path, what), archive)

  const used = async (): Promise<number> => {
    const { blocks, bfree, bsize } = await statfs(dataRoot)
    return (blocks - bfree) * bsize
  }
  const refuses = async (args: readonly string[]): Promise<void> => {
    const before = await used()
    const { message } = await client.fails(args)
    assert.match(message, /no space left on device/i)
    assert.equal(await client.ok(['images', '-aq']), await client.ok(['images', '-aq', 'busybox']))
    await eventually('what it took is free', async () => (await used()) <= before + slack)
    for (const path of ['content/scratch', 'content/ingests']) {
      assert.deepEqual(await readdir(join(dataRoot, path)), [], path)
    }
    assert.match(await engine.client('slipway').ok(['system', 'check']), /all is well$/)
    assert.equal(await client.ok(['run', '--rm', 'busybox', 'echo', 'still here']), 'still here')
  }

  for (const what of Object.keys(archives)) {
    await t.test(`load: ${what}`, () => refuses(['load', '-i', join(scratch.path, what)]))
  }

  await t.test('pull', async () => {
    const name = `${registry.address}/large/image`
    const printed = await large.client().ok(['load', '-i', join(scratch.path, 'too large unpacked')])
    await large.client().ok(['tag', /ID: (\S+)/.exec(printed)?.[1] ?? '', name])
    await large.client().ok(['push', name])
    const before = await used()
    assert.match((await client.fails(['pull', name])).message, /no space left on device/i)
    assert.equal(await client.ok(['images', '-q', name]), '')
    // The layers that are whole may stay for the next try; a collection takes them.
    await client.ok(['image', 'prune', '-f'])
    await eventually('what it took is free', async () => (await used()) <= before + slack)
    assert.match(await engine.client('slipway').ok(['system', 'check']), /all is well$/)
  })

  await t.test('commit', async () => {
    const fill = ['dd', 'if=/dev/urandom', 'of=/large', 'bs=1M', 'count=20']
    await client.ok(['run', '--name', 'filled', 'busybox', ...fill])
    await refuses(['commit', 'filled', 'never'])
    await client.ok(['rm', 'filled'])
  })
})
