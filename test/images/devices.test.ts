import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { openScratch } from '../harness/scratch.ts'
import { makeTar } from '../harness/tar.ts'

const nodes = makeTar([
  { name: 'null', type: '3', device: [1, 3] },
  { name: 'disk', type: '4', device: [254, 0] },
])

test('device nodes of an image: nobody in a container opens them, and who may not make them says so', async (t) => {
  await using scratch = await openScratch()

  await t.test('a disk stays shut in a container', async () => {
    await using engine = await TestEngine.start(scratch)
    const client = engine.client()
    await engine.addBusybox()
    await client.ok(['run', '--name', 'maker', 'busybox', 'mknod', '/disk', 'b', '254', '0'])
    await client.ok(['commit', 'maker', 'disk'])
    await client.ok(['rm', 'maker'])
    assert.match(await client.ok(['run', '--rm', 'disk', 'ls', '-l', '/disk']), /^b.*254, +0 /)
    const { message } = await client.fails(['run', '--rm', 'disk', 'dd', 'if=/disk', 'of=/dev/null', 'count=1'])
    assert.match(message, /Operation not permitted/)
  })

  for (const driver of ['overlay', 'copy']) {
    await t.test(`an engine that may make none refuses them, and keeps nothing: ${driver}`, async () => {
      const inside = ['setpriv', '--bounding-set', '-mknod', '--inh-caps', '-mknod']
      await using engine = await TestEngine.start(scratch, { inside, args: ['--storage-driver', driver] })
      const client = engine.client()
      const { message } = await client.fails(['import', '-', 'nodes'], { input: nodes })
      assert.match(message, /failed to unpack "null": EPERM: operation not permitted, mknod/)
      assert.equal(await client.ok(['images', '-aq']), '')
      assert.deepEqual(await readdir(join(engine.dataRoot, 'content/blobs/sha256')), [])
      assert.match(await engine.client('slipway').ok(['system', 'check']), /all is well$/)
    })
  }

  await t.test('one that keeps layers as EROFS images has nothing to make', async () => {
    const inside = ['setpriv', '--bounding-set', '-mknod', '--inh-caps', '-mknod']
    await using engine = await TestEngine.start(scratch, { inside, args: ['--storage-driver', 'erofs'] })
    const client = engine.client()
    await client.ok(['import', '-', 'nodes'], { input: nodes })
    assert.match(await engine.client('slipway').ok(['system', 'check']), /all is well$/)
  })
})
