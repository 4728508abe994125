import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, type TestContext, test } from 'node:test'
import {
  attachContainer,
  createContainer,
  type EngineClient,
  importImage,
  inspectContainer,
  listImages,
  type MountRequest,
  readContainerPath,
  removeContainer,
  removeImage,
  restartContainer,
  startContainer,
} from '@slipway/client'
import { packDirectory } from '@slipway/store'
import { LocalEngine } from '../../testing/local-engine.ts'

const local = new LocalEngine('image')
let client: EngineClient

const importFiles = async (repository: string, root: string): Promise<void> => {
  const progress = await importImage(client, packDirectory(root, '/', { as: '' }), { repository })
  for await (const { error } of progress) assert.equal(error, undefined)
}

before(async () => {
  client = await local.start()
  await importFiles('plain', local.busyboxRoot(['sh', 'cat', 'ls', 'sleep', 'touch']))
  const files = join(local.directory, 'files')
  mkdirSync(join(files, 'deep/er'), { recursive: true })
  writeFileSync(join(files, 'deep/er/file'), 'of the image')
  symlinkSync(local.directory, join(files, 'out'))
  await importFiles('files', files)
})

after(() => local[Symbol.asyncDispose]())

const create = async (t: TestContext, shell: string, Subpath = ''): Promise<string> => {
  const mount: MountRequest = { Type: 'image', Source: 'files', Target: '/i', ImageOptions: { Subpath } }
  const Cmd = ['sh', '-c', shell]
  const { Id } = await createContainer(client, {
    Image: 'plain',
    Cmd,
    Tty: true,
    NetworkDisabled: true,
    HostConfig: { Mounts: [mount] },
  })
  t.after(() => removeContainer(client, Id, { force: true }).catch(() => undefined))
  return Id
}

const outputOf = async (id: string): Promise<string> => {
  const output = text(await attachContainer(client, id, { stdout: true }))
  await startContainer(client, id)
  return (await output).replaceAll('\r\n', ' ').trim()
}

const views = (): readonly string[] =>
  readdirSync(join(local.directory, 'run/volumes')).filter((name) => !name.startsWith('.'))

test('an image is mounted whole or in part, and cannot be written', async (t) => {
  const whole = await create(t, 'ls /i; cat /i/deep/er/file; touch /i/new 2>/dev/null || echo " no"')
  assert.equal(await outputOf(whole), 'deep  out of the image no')
  assert.equal(await outputOf(await create(t, 'ls /i', 'deep')), 'er')
  assert.equal(await outputOf(await create(t, 'cat /i', 'deep/er/file')), 'of the image')
  const [mount] = (await inspectContainer(client, whole)).Mounts
  assert.deepEqual([mount?.Type, mount?.Name, mount?.Destination, mount?.RW], ['image', 'files', '/i', false])
  assert.deepEqual(views(), [])
})

test('no part of an image leads out of it', async (t) => {
  for (const part of ['out', 'nosuch']) {
    const message = /cannot access path .*: no such file or directory/
    await assert.rejects(startContainer(client, await create(t, 'ls /i', part)), message)
  }
  await assert.rejects(create(t, 'ls', '../x'), /subpath must be a relative path within the volume/)
  assert.deepEqual(views(), [])
})

test('it is there at each start, to be copied from, and over a restart of the engine', async (t) => {
  const id = await create(t, 'sleep 1000')
  const copied = await readContainerPath(client, id, '/i/deep/er/file')
  assert.match(await text(copied.tar), /of the image/)
  await startContainer(client, id)
  await restartContainer(client, id, { timeout: 0 })
  await local.stop()
  client = await local.start()
  assert.match(await text((await readContainerPath(client, id, '/i/deep/er/file')).tar), /of the image/)
  await restartContainer(client, id, { timeout: 0 })
  assert.equal((await inspectContainer(client, id)).State.Running, true)
})

test('an image that is mounted stays, and its files go with the last who has them', async () => {
  const { Id } = await createContainer(client, {
    Image: 'plain',
    Cmd: ['cat', '/i/deep/er/file'],
    NetworkDisabled: true,
    HostConfig: { Mounts: [{ Type: 'image', Source: 'files', Target: '/i' }] },
  })
  await assert.rejects(removeImage(client, 'files'), /container \w+ is using its referenced image/)
  await removeImage(client, 'files', { force: true })
  await startContainer(client, Id)
  await removeContainer(client, Id, { force: true })
  assert.deepEqual(
    (await listImages(client)).map(({ RepoTags }) => RepoTags),
    [['plain:latest']],
  )
})
