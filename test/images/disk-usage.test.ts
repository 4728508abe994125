import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { eventually } from '../harness/patience.ts'
import { run } from '../harness/run.ts'
import { openScratch } from '../harness/scratch.ts'
import { makeTar } from '../harness/tar.ts'
import { imageOf, layoutOf } from './parts.ts'

interface Usage {
  readonly LayersSize: number
  readonly Images: readonly { readonly Id: string; readonly Size: number; readonly SharedSize: number }[]
  readonly Containers: readonly { readonly SizeRw?: number }[]
}

/** Of what du finds, so much may be missing or too much: directories, small files' rounding, init layers. */
const tolerance = 0.05

test('what system df tells is what du finds', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  const client = engine.client()
  await engine.addBusybox()
  const files = Array.from({ length: 500 }, (_, at) => ({ name: `file${at}`, body: randomBytes(6000) }))
  const path = join(scratch.path, 'image.tar')
  await writeFile(
    path,
    layoutOf([...Object.values(imageOf(makeTar([{ name: 'large', body: randomBytes(9 << 20) }, ...files])))]),
  )
  const loaded = await client.ok(['load', '-i', path])
  await client.ok(['tag', loaded.split(' ').at(-1) ?? '', 'loaded'])
  await client.ok(['run', '--name', 'writer', 'busybox', 'dd', 'if=/dev/urandom', 'of=/large', 'bs=1M', 'count=7'])
  await client.ok(['commit', 'writer', 'committed'])

  const usage = async (): Promise<Usage> => JSON.parse((await engine.ask('/system/df')).text)
  const measured = async (): Promise<number> => {
    const parts = ['content', 'snapshots'].map((name) => join(engine.dataRoot, name))
    const { stdout } = await run('du', ['-s', '-c', '--block-size=1', ...parts])
    return Number(/^(\d+)\s+total$/m.exec(stdout)?.[1])
  }
  const assertAgrees = async (): Promise<void> => {
    // What was removed is deleted later.
    await eventually('df and du agree', async () => {
      const { LayersSize, Containers } = await usage()
      const told = LayersSize + Containers.reduce((sum, { SizeRw = 0 }) => sum + SizeRw, 0)
      return Math.abs(told - (await measured())) < tolerance * (await measured())
    })
  }

  await t.test('with images and a container', assertAgrees)

  await t.test('what two images share is told of both, and counted once', async () => {
    const { Images, LayersSize } = await usage()
    const sizes = Images.reduce((sum, { Size }) => sum + Size, 0)
    assert.ok(Images.filter(({ SharedSize }) => SharedSize > 1 << 20).length === 2, JSON.stringify(Images))
    assert.ok(sizes > LayersSize)
  })

  await t.test('without the container, and without the largest image', async () => {
    await client.ok(['rm', 'writer'])
    await client.ok(['rmi', 'loaded'])
    await assertAgrees()
  })
})
