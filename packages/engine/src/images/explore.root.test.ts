import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  commitContainer,
  createContainer,
  type EngineClient,
  imageLayers,
  importImage,
  type LayerFile,
  listImageMounts,
  mountImage,
  removeContainer,
  removeImage,
  unmountImage,
  writeContainerPath,
} from '@slipway/client'
import { packDirectory } from '@slipway/store'
import { LocalEngine } from '../testing/local-engine.ts'

const local = new LocalEngine('expl')
let client: EngineClient

/** A base of one layer, and `top` with a file more. */
before(async () => {
  client = await local.start()
  const root = local.busyboxRoot(['sh'])
  for await (const { error } of await importImage(client, packDirectory(root, '/', { as: '' }), { repository: 'base' }))
    assert.equal(error, undefined)
  const { Id } = await createContainer(client, { Image: 'base', Cmd: ['sh'], NetworkDisabled: true })
  const added = join(local.directory, 'added')
  mkdirSync(added)
  writeFileSync(join(added, 'note'), 'hello')
  await writeContainerPath(client, Id, '/etc', packDirectory(added, '/', { as: '' }))
  await commitContainer(client, Id, { repository: 'top' })
  await removeContainer(client, Id)
})

after(() => local[Symbol.asyncDispose]())

const layersOf = async (name: string): Promise<readonly (readonly LayerFile[])[]> => {
  const layers: LayerFile[][] = []
  for await (const line of imageLayers(client, name)) {
    if ('layer' in line) layers.push([])
    else layers.at(-1)?.push(line)
  }
  return layers
}

test('the layers of an image are listed with what is in each, from its blob or from its files', async () => {
  const [bottom, top, ...more] = await layersOf('top')
  assert.equal(more.length, 0)
  const busybox = bottom?.find(({ path }) => path === '/bin/busybox')
  assert.match(busybox?.digest ?? '', /^sha256:[0-9a-f]{64}$/)
  assert.deepEqual(bottom?.find(({ path }) => path === '/bin/sh')?.link, 'busybox')
  const note = top?.find(({ path }) => path === '/etc/note')
  assert.equal(note?.size, 5)
  assert.equal(note?.digest, 'sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824')
  await assert.rejects(layersOf('nowhere'), { code: 'not-found' })
})

test('an image is mounted read-only, outlives its removal and the engine, and is let go of', async () => {
  const target = join(local.directory, 'mounted')
  mkdirSync(target)
  await mountImage(client, 'top', target)
  assert.equal(readFileSync(join(target, 'etc/note'), 'utf8'), 'hello')
  assert.throws(() => writeFileSync(join(target, 'new'), ''), { code: 'EROFS' })
  assert.deepEqual(await listImageMounts(client), [{ path: target, images: ['top:latest'] }])
  await assert.rejects(mountImage(client, 'base', target), { code: 'conflict' })
  await removeImage(client, 'top')
  await local.stop()
  client = await local.start()
  assert.equal(readFileSync(join(target, 'etc/note'), 'utf8'), 'hello')
  await unmountImage(client, target)
  assert.equal(existsSync(join(target, 'etc')), false)
  await assert.rejects(unmountImage(client, target), { code: 'not-found' })
  await assert.rejects(mountImage(client, 'base', 'relative'), { code: 'invalid' })
})
