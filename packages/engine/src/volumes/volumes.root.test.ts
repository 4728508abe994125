import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, type TestContext, test } from 'node:test'
import {
  type ContainerCreateBody,
  createContainer,
  createVolume,
  diskUsage,
  EngineClient,
  type HostConfig,
  importImage,
  inspectContainer,
  inspectVolume,
  listContainers,
  listVolumes,
  type MountRequest,
  pruneVolumes,
  readContainerPath,
  removeContainer,
  removeVolume,
  startContainer,
  waitContainer,
} from '@slipway/client'
import { readMountInfo } from '@slipway/linux'
import { packDirectory } from '@slipway/store'
import { LocalEngine } from '../testing/local-engine.ts'

const local = new LocalEngine('volumes')
const { directory } = local
const dataOf = (name: string): string => join(directory, 'data/volumes', name, '_data')
let client: EngineClient

const start = async (): Promise<void> => {
  client = await local.start()
}

/** busybox, with something at /data, and a symlink that leads out of it. */
const importImages = async (): Promise<void> => {
  const root = local.busyboxRoot(['sh', 'cat', 'sleep'])
  mkdirSync(join(root, 'data'))
  writeFileSync(join(root, 'data/file'), 'of the image')
  chmodSync(join(root, 'data/file'), 0o640)
  chownSync(join(root, 'data/file'), 1000, 1001)
  chownSync(join(root, 'data'), 1000, 1000)
  symlinkSync(`../../../../../..${directory}`, join(root, 'climb'))
  for (const changes of [[], ['VOLUME /data']]) {
    const repository = changes.length > 0 ? 'declared' : 'plain'
    for await (const { error } of await importImage(client, packDirectory(root, '/', { as: '' }), {
      repository,
      changes,
    }))
      assert.equal(error, undefined)
  }
}

interface Wanted extends Partial<ContainerCreateBody> {
  readonly shell?: string
  readonly host?: HostConfig
}

const create = async (t: TestContext, { shell, host, ...body }: Wanted = {}): Promise<string> => {
  const Cmd = shell === undefined ? ['sleep', '1000'] : ['sh', '-c', shell]
  const rest = { NetworkDisabled: true, HostConfig: host ?? {} }
  const { Id } = await createContainer(client, { Image: 'plain', Cmd, ...rest, ...body })
  t.after(() => removeContainer(client, Id, { force: true, volumes: true }).catch(() => undefined))
  return Id
}

/** Runs a container to its end; gives its exit code. */
const run = async (t: TestContext, wanted: Wanted): Promise<number> => {
  const id = await create(t, wanted)
  const { exit } = await waitContainer(client, id, { condition: 'next-exit' })
  await startContainer(client, id)
  const { StatusCode } = await exit
  await removeContainer(client, id, { force: true, volumes: true })
  return StatusCode
}

const sleeper = async (t: TestContext, wanted: Wanted): Promise<string> => {
  const id = await create(t, wanted)
  await startContainer(client, id)
  return id
}

/** It goes with all the others, at the end. */
const volume = async (Name: string, DriverOpts: Record<string, string> = {}): Promise<string> => {
  await createVolume(client, { Name, DriverOpts })
  return Name
}

const part = (Source: string, Subpath: string): HostConfig => {
  const mount: MountRequest = { Type: 'volume', Source, Target: '/part', VolumeOptions: { Subpath } }
  return { Mounts: [mount] }
}

before(async () => {
  await start()
  await importImages()
})

after(() => local[Symbol.asyncDispose]())

test('an empty volume gets what the image has there, with owners and modes; a full one keeps what it has', async (t) => {
  const name = await volume('filled')
  const host = { Binds: [`${name}:/data`] }
  assert.equal(await run(t, { host, shell: 'cat /data/file && echo mine >/data/file' }), 0)
  const { mode, uid, gid } = statSync(join(dataOf(name), 'file'))
  assert.deepEqual([mode & 0o777, uid, gid, statSync(dataOf(name)).uid], [0o640, 1000, 1001, 1000])
  await run(t, { host, shell: 'true' })
  assert.equal(readFileSync(join(dataOf(name), 'file'), 'utf8'), 'mine\n')
  const bare = await volume('bare')
  await run(t, { host: { Binds: [`${bare}:/data:nocopy`] }, shell: 'true' })
  assert.deepEqual(readdirSync(dataOf(bare)), [])
})

test('a copy from the image never leaves its root', async (t) => {
  writeFileSync(join(directory, 'secret'), 'of the host')
  const name = await volume('climbing')
  // crun refuses to mount there, runc makes the place inside of the root.
  await run(t, { host: { Binds: [`${name}:/climb`] }, shell: 'true' }).catch(() => undefined)
  assert.ok(!existsSync(join(dataOf(name), 'secret')))
})

test('two containers share a volume, and nobody removes it meanwhile', async (t) => {
  const name = await volume('both')
  const id = await sleeper(t, { host: { Binds: [`${name}:/shared`] } })
  assert.equal(await run(t, { host: { Binds: [`${name}:/x`] }, shell: 'echo 1 >/x/one' }), 0)
  await buffer((await readContainerPath(client, id, '/shared/one')).tar)
  const sealed = { Binds: [`${name}:/x:ro`] }
  assert.notEqual(await run(t, { host: sealed, shell: 'echo 1 >/x/two' }), 0)
  await assert.rejects(removeVolume(client, name, { force: true }), new RegExp(`volume is in use - \\[${id}\\]`))
  await pruneVolumes(client, { all: ['true'] })
  const [row] = await listContainers(client, { filters: { volume: [name] } })
  assert.deepEqual([row?.Id, row?.Mounts[0]?.Name, row?.Mounts[0]?.Driver], [id, name, 'local'])
  const { Volumes } = await diskUsage(client)
  assert.equal(Volumes?.find(({ Name }) => Name === name)?.UsageData?.RefCount, 1)
})

test('volumes of VOLUME have no name, are shared by volumes-from, and go with the last who has them', async (t) => {
  const id = await sleeper(t, { Image: 'declared' })
  const [mount] = (await inspectContainer(client, id)).Mounts
  const name = mount?.Name ?? ''
  assert.deepEqual([mount?.Type, mount?.Destination, name.length], ['volume', '/data', 64])
  const other = await sleeper(t, { host: { VolumesFrom: [`${id}:ro`] } })
  const [seen] = (await inspectContainer(client, other)).Mounts
  assert.deepEqual([seen?.Name, seen?.RW], [name, false])
  await removeContainer(client, id, { force: true, volumes: true })
  await inspectVolume(client, name)
  await removeContainer(client, other, { force: true, volumes: true })
  await assert.rejects(inspectVolume(client, name), /no such volume/)
})

test('--rm takes volumes without a name along, and leaves the others', async (t) => {
  const name = await volume('stays')
  const before = (await listVolumes(client)).Volumes.length
  const id = await create(t, { Image: 'declared', host: { AutoRemove: true, Binds: [`${name}:/x`] }, shell: 'true' })
  assert.equal((await listVolumes(client)).Volumes.length, before + 1)
  const { exit } = await waitContainer(client, id, { condition: 'removed' })
  await startContainer(client, id)
  await exit
  assert.equal((await listVolumes(client)).Volumes.length, before)
})

test('prune removes what has no name, and with all=true the rest', async () => {
  const [nameless, named] = [await createVolume(client, {}), await createVolume(client, { Name: 'named' })]
  const first = await pruneVolumes(client)
  assert.ok(first.VolumesDeleted?.includes(nameless.Name))
  assert.ok(!first.VolumesDeleted?.includes(named.Name))
  assert.ok((await pruneVolumes(client, { all: ['true'] })).VolumesDeleted?.includes(named.Name))
  await createVolume(client, { Name: 'older' })
  await using older = new EngineClient({ host: client.host, apiVersion: '1.41' })
  assert.ok((await pruneVolumes(older)).VolumesDeleted?.includes('older'))
})

test('prune leaves a volume with options of the driver', async () => {
  await createVolume(client, { Name: 'elsewhere', DriverOpts: { type: 'tmpfs', device: 'tmpfs' } })
  assert.ok(!(await pruneVolumes(client, { all: ['true'] })).VolumesDeleted?.includes('elsewhere'))
  await removeVolume(client, 'elsewhere')
})

test('a part of a volume is mounted, and no path leads out of the volume', async (t) => {
  const name = await volume('parts')
  mkdirSync(join(dataOf(name), 'sub'))
  writeFileSync(join(dataOf(name), 'sub/file'), 'deep')
  symlinkSync(directory, join(dataOf(name), 'out'))
  assert.equal(await run(t, { host: part(name, 'sub'), shell: 'cat /part/file && echo x >/part/new' }), 0)
  assert.ok(existsSync(join(dataOf(name), 'sub/new')))
  const stopped = await create(t, { host: part(name, 'sub') })
  await buffer((await readContainerPath(client, stopped, '/part/file')).tar)
  const leaving = await create(t, { host: part(name, 'out') })
  await assert.rejects(startContainer(client, leaving), /cannot access path .*: no such file or directory/)
  assert.deepEqual(readdirSync(join(directory, 'run/volumes')), [])
})

test('a tmpfs volume is there while a container runs, also over a restart of the engine', async (t) => {
  const name = await volume('memory', { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' })
  const host = { Binds: [`${name}:/t`] }
  const id = await sleeper(t, { host, shell: 'echo 1 >/t/file; sleep 1000' })
  await local.stop()
  await start()
  assert.equal(await run(t, { host, shell: 'cat /t/file' }), 0)
  await removeContainer(client, id, { force: true })
  assert.deepEqual(readMountInfo(dataOf(name)), [])
})

test('what a container asks for and is not there is never taken for its image', async (t) => {
  for (const host of [{ VolumesFrom: ['nobody'] }, { VolumeDriver: 'rex', Binds: ['x1:/x'] }]) {
    await assert.rejects(create(t, { host }), { code: 'invalid' })
  }
  await assert.rejects(inspectVolume(client, 'x1'), /no such volume/)
})

test('a volume whose source cannot be mounted leaves no container behind', async (t) => {
  const name = await volume('broken', { type: 'none', device: join(directory, 'nowhere'), o: 'bind' })
  const before = (await listContainers(client, { all: true })).length
  await assert.rejects(
    create(t, { host: { Binds: [`${name}:/data`] } }),
    /failed to mount local volume: .*no such file/,
    'it was to be filled',
  )
  assert.equal((await listContainers(client, { all: true })).length, before)
  const id = await create(t, { host: { Binds: [`${name}:/x`] } })
  await assert.rejects(
    startContainer(client, id),
    /error while mounting volume '.*': failed to mount local volume: mount /,
  )
})

test('a start of the engine makes directories and records agree', async () => {
  const name = await volume('kept')
  writeFileSync(join(dataOf(name), 'file'), 'data')
  await local.stop()
  const root = join(directory, 'data/volumes')
  mkdirSync(join(root, '.gone-1/_data'), { recursive: true })
  mkdirSync(join(root, 'kept/_copy'))
  mkdirSync(join(root, 'found/_data'), { recursive: true })
  await start()
  assert.equal(readFileSync(join(dataOf(name), 'file'), 'utf8'), 'data')
  assert.ok(!existsSync(join(root, '.gone-1')) && !existsSync(join(root, 'kept/_copy')))
  assert.equal((await inspectVolume(client, 'found')).Mountpoint, dataOf('found'))
  await removeVolume(client, 'found')
})
