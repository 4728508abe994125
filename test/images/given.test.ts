import assert from 'node:assert/strict'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { Peers } from '../harness/peers.ts'
import { TestRegistry } from '../harness/registry.ts'
import { openScratch } from '../harness/scratch.ts'
import { buildSample } from './sample.ts'

const name = 'given/sample:1'

/** The sample's files are there, as they were made. */
const isSample = async (root: string): Promise<void> => {
  const tree = join(root, 'tree')
  const found = (await readdir(tree, { recursive: true })).toSorted()
  const files = ['kept', 'kept/file', 'link', 'linked', 'näme with space', 'opaque', 'opaque/new']
  assert.deepEqual(found, files)
  assert.equal(await readFile(join(tree, 'kept/file'), 'utf8'), 'kept\n')
  const [linked, file] = [await lstat(join(tree, 'linked')), await lstat(join(tree, 'kept/file'))]
  assert.deepEqual([linked.mode & 0o7777, linked.ino], [0o4755, file.ino])
}

test('what we save and push, others read', async (t) => {
  await using scratch = await openScratch()
  await using registry = await TestRegistry.start(scratch)
  await using engine = await TestEngine.start(scratch)
  const peers = await Peers.open(scratch)
  const client = engine.client()
  await engine.addBusybox()
  await buildSample(engine, scratch, name)
  const id = await client.ok(['images', '-q', '--no-trunc', name])
  const saved = peers.path('saved.tar')
  await client.ok(['save', '-o', saved, name])
  const pushed = `${registry.address}/${name}`
  await client.ok(['tag', name, pushed])
  await client.ok(['push', pushed])

  const configIn = async (...source: readonly string[]): Promise<string> => {
    const raw = await peers.ok('skopeo', 'inspect', '--raw', ...source)
    return (JSON.parse(raw) as { config: { digest: string } }).config.digest
  }

  const sources = {
    'a saved image as docker’s archive': [`docker-archive:${saved}:${name}`],
    'a saved image as an OCI archive': [`oci-archive:${saved}`],
    'a pushed image': ['--tls-verify=false', `docker://${pushed}`],
  }
  for (const [what, source] of Object.entries(sources)) {
    await t.test(`skopeo: ${what} has the same id`, async () => assert.equal(await configIn(...source), id))
  }

  for (const [what, source] of Object.entries({
    'a saved image': [`docker-archive:${saved}`],
    'a pushed image': ['--src-tls-verify=false', `docker://${pushed}`],
  })) {
    await t.test(`umoci unpacks ${what}`, async () => {
      const [layout, bundle] = [peers.path(`layout of ${what}`), peers.path(`bundle of ${what}`)]
      await peers.ok('skopeo', 'copy', ...source, `oci:${layout}:sample`)
      await peers.ok('umoci', 'unpack', '--image', `${layout}:sample`, bundle)
      await isSample(join(bundle, 'rootfs'))
    })
  }

  for (const [what, args] of Object.entries({
    'loads what is saved': ['load', '-i', saved],
    'pulls what is pushed': ['pull', '--tls-verify=false', pushed],
  })) {
    await t.test(`podman ${what}`, async () => {
      await peers.ok('podman', ...args)
      const stored = (await peers.ok('podman', 'images', '-q', '--no-trunc')).split('\n')
      assert.deepEqual([...new Set(stored)], [id])
      await isSample(await peers.ok('podman', 'image', 'mount', id))
      await peers.ok('podman', 'image', 'unmount', id)
      await peers.ok('podman', 'rmi', '-f', id)
    })
  }

  await t.test('buildah runs something in what is pushed, without a runtime', async () => {
    const container = await peers.ok('buildah', 'from', '--tls-verify=false', pushed)
    assert.equal(
      await peers.ok('buildah', 'run', '--isolation', 'chroot', container, '--', 'cat', '/tree/link'),
      'kept',
    )
    await peers.ok('buildah', 'rm', container)
  })
})
