import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Client } from '../harness/client.ts'
import { TestEngine } from '../harness/engine.ts'
import { Peers } from '../harness/peers.ts'
import { TestRegistry } from '../harness/registry.ts'
import { run } from '../harness/run.ts'
import { openScratch } from '../harness/scratch.ts'
import { buildSample, sampleSays } from './sample.ts'

interface World {
  readonly engine: TestEngine
  readonly client: Client
  readonly peers: Peers
  /** Of a registry. */
  readonly address: string
  /** A name in the registry of the sample. */
  readonly sample: string
}

const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false']

/** Ways in which the sample comes to a name in the registry. */
const pushers: Readonly<Record<string, (world: World, to: string) => Promise<unknown>>> = {
  'skopeo pushed with zstd layers': async ({ peers, sample }, to) => {
    const plain = `dir:${peers.path('plain')}`
    await peers.ok('skopeo', 'copy', '--src-tls-verify=false', '--dest-decompress', `docker://${sample}`, plain)
    const zstd = ['--dest-compress', '--dest-compress-format', 'zstd', '--format', 'oci']
    return peers.ok('skopeo', 'copy', '--dest-tls-verify=false', ...zstd, plain, `docker://${to}`)
  },
  'buildah pushed without compression': async ({ peers, sample }, to) => {
    await peers.ok('buildah', 'pull', '--tls-verify=false', sample)
    return peers.ok('buildah', 'push', '--tls-verify=false', '-D', '--format', 'oci', sample, `docker://${to}`)
  },
  'buildah squashed': async ({ peers, sample }, to) => {
    const container = await peers.ok('buildah', 'from', '--tls-verify=false', sample)
    await peers.ok('buildah', 'commit', '--squash', '--rm', container, 'squashed')
    return peers.ok('buildah', 'push', '--tls-verify=false', 'squashed', `docker://${to}`)
  },
  'skopeo pushed as docker’s schema 2': ({ peers, sample }, to) =>
    peers.ok('skopeo', 'copy', ...insecure, '--format', 'v2s2', `docker://${sample}`, `docker://${to}`),
  'podman pushed': async ({ peers, sample }, to) => {
    await peers.ok('podman', 'pull', '--tls-verify=false', sample)
    return peers.ok('podman', 'push', '--tls-verify=false', sample, `docker://${to}`)
  },
}

/** Ways in which the sample comes to be an archive. */
const savers: Readonly<Record<string, (world: World, path: string) => Promise<unknown>>> = {
  'skopeo’s docker archive': ({ peers, sample }, path) =>
    peers.ok('skopeo', 'copy', '--src-tls-verify=false', `docker://${sample}`, `docker-archive:${path}:made/it:1`),
  'skopeo’s OCI archive': ({ peers, sample }, path) =>
    peers.ok('skopeo', 'copy', '--src-tls-verify=false', `docker://${sample}`, `oci-archive:${path}:made/it:1`),
  'podman’s docker archive': async ({ peers, sample }, path) => {
    await peers.ok('podman', 'pull', '--tls-verify=false', sample)
    return peers.ok('podman', 'save', '--format', 'docker-archive', '-o', path, sample)
  },
  'podman’s OCI archive': async ({ peers, sample }, path) => {
    await peers.ok('podman', 'pull', '--tls-verify=false', sample)
    return peers.ok('podman', 'save', '--format', 'oci-archive', '-o', path, sample)
  },
  'an OCI layout that umoci repacked': async ({ peers, sample }, path) => {
    const [layout, bundle] = [peers.path('layout'), peers.path('bundle')]
    await peers.ok('skopeo', 'copy', '--src-tls-verify=false', `docker://${sample}`, `oci:${layout}:sample`)
    await peers.ok('umoci', 'unpack', '--image', `${layout}:sample`, bundle)
    await writeFile(join(bundle, 'rootfs/tree/kept/file'), 'umoci\n')
    await peers.ok('umoci', 'repack', '--image', `${layout}:repacked`, bundle)
    await peers.ok('umoci', 'remove', '--image', `${layout}:sample`)
    assert.equal((await run('tar', ['-C', layout, '-cf', path, '.'])).code, 0)
  },
}

const forgetAll = async ({ client }: World): Promise<void> => {
  const ids = (await client.ok(['images', '-aq', '--no-trunc'])).split('\n').filter(Boolean)
  if (ids.length > 0) await client.ok(['rmi', '-f', ...new Set(ids)])
}

const pushed = async (t: TestContext, world: World): Promise<void> => {
  for (const [at, [what, push]] of Object.entries(pushers).entries()) {
    await t.test(`what ${what} runs here, and is pushed on as it came`, async () => {
      const { client, peers, engine, address } = world
      const [name, onward] = [`${address}/taken/sample:${at}`, `${address}/taken/onward:${at}`]
      const raw = (image: string) => peers.ok('skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${image}`)
      await push(world, name)
      await client.ok(['pull', name])
      assert.equal(await client.ok(['run', '--rm', name]), sampleSays)
      await client.ok(['tag', name, onward])
      await client.ok(['push', onward])
      assert.equal(await raw(onward), await raw(name))
      await engine.client('slipway').ok(['system', 'check'])
      await forgetAll(world)
    })
  }
}

const saved = async (t: TestContext, world: World): Promise<void> => {
  for (const [at, [what, save]] of Object.entries(savers).entries()) {
    await t.test(`${what} is loaded, and runs`, async () => {
      const { client, engine, peers } = world
      const path = peers.path(`archive-${at}.tar`)
      await save(world, path)
      const printed = await client.ok(['load', '-i', path])
      const name = /Loaded image(?: ID)?: (\S+)/.exec(printed)?.[1] ?? printed
      const says = what.includes('umoci') ? sampleSays.replace('kept', 'umoci') : sampleSays
      assert.equal(await client.ok(['run', '--rm', name]), says)
      await engine.client('slipway').ok(['system', 'check'])
      await forgetAll(world)
    })
  }
}

/** The digests in an archive. */
const blobsOf = async (archive: string): Promise<readonly string[]> =>
  (await run('tar', ['-tf', archive])).stdout
    .split('\n')
    .filter((line) => /[0-9a-f]{64}$/.test(line))
    .toSorted()

/** What an archive's only name leads to. */
const indexOf = async (archive: string): Promise<string> => {
  const { stdout } = await run('tar', ['-xOf', archive, 'index.json'])
  const [{ digest } = assert.fail('it has no index')] = (JSON.parse(stdout) as { manifests: { digest: string }[] })
    .manifests
  return digest
}

const ofDockerd = async (t: TestContext, world: World): Promise<void> => {
  const { client } = world
  const filesOf = async (name: string): Promise<readonly string[]> => {
    const id = await client.ok(['create', name, 'nothing'])
    const path = world.peers.path('exported.tar')
    await client.ok(['export', '-o', path, id])
    await client.ok(['rm', id])
    const { stdout } = await run('tar', ['-tf', path])
    return stdout.split('\n').filter((line) => line.startsWith('tree/'))
  }
  const fixture = (name: string) => join(import.meta.dirname, 'fixtures', `dockerd-28-${name}.tar.gz`)
  const [first, second] = [
    ['tree/', 'tree/gone/', 'tree/gone/file', 'tree/kept/', 'tree/kept/file', 'tree/link'],
    ['tree/', 'tree/kept/', 'tree/kept/file', 'tree/link'],
  ]
  // Ids are digests: that they are the ones dockerd showed says that every byte of the configs came through.
  for (const [store, ids] of Object.entries({
    overlay2: ['cf31e3c72ed1', '2ec24c067317'],
    containerd: ['6777715f8b24', 'e40b241a186d'],
  })) {
    await t.test(`what dockerd 28.5 saved from its ${store} store is loaded, and is what it was`, async () => {
      const printed = await client.ok(['load', '-i', fixture(store)])
      assert.equal(printed, 'Loaded image: fixture/hello:1\nLoaded image: fixture/hello:2')
      const names = ['fixture/hello:1', 'fixture/hello:2']
      assert.deepEqual(await Promise.all(names.map((name) => client.ok(['images', '-q', name]))), ids)
      assert.deepEqual(await filesOf('fixture/hello:1'), first)
      assert.deepEqual(await filesOf('fixture/hello:2'), second)
      // The programs in it are of this machine.
      if (process.arch === 'x64') {
        for (const name of names) assert.equal(await client.ok(['run', '--rm', name]), 'hello from dockerd')
      }
      await forgetAll(world)
    })
  }
  await t.test(
    'what dockerd 28.5 saved of two machines, with attestations, is one index, also when it goes on',
    async () => {
      const { peers, address } = world
      const [name, onward, saved] = [
        'fixture/platforms:1',
        `${address}/taken/platforms:all`,
        peers.path('platforms.tar'),
      ]
      assert.equal(await client.ok(['load', '-i', fixture('platforms')]), `Loaded image: ${name}`)
      assert.deepEqual(await client.ok(['images', '-q']), await client.ok(['images', '-q', name]))
      const architecture = await client.ok(['image', 'inspect', '-f', '{{.Architecture}}', name])
      assert.equal(await client.ok(['image', 'inspect', '-f', '{{.Config.Labels.machine}}', name]), architecture)
      await client.ok(['save', '-o', saved, name])
      assert.deepEqual(await blobsOf(saved), await blobsOf(fixture('platforms')))
      await client.ok(['tag', name, onward])
      assert.match(await client.ok(['push', onward]), new RegExp(`digest: ${await indexOf(fixture('platforms'))} `))
      await forgetAll(world)
      assert.equal(await client.ok(['images', '-aq']), '')
      await client.ok(['load', '-i', saved])
      assert.equal(await indexOf(saved), await indexOf(fixture('platforms')))
      assert.match(await world.engine.client('slipway').ok(['system', 'check']), /all is well$/)
      await client.ok(['rmi', name])
      assert.equal(await client.ok(['images', '-aq']), '')
    },
  )
  await t.test('what dockerd 28.5 exported is imported', async () => {
    await client.ok(['import', fixture('export'), 'exported'])
    assert.deepEqual(await filesOf('exported'), second)
    await forgetAll(world)
  })
}

const madeByBuildah = async (t: TestContext, world: World): Promise<void> => {
  const { client, peers, address, sample } = world
  await t.test('an image that buildah changed in a chroot runs here', async () => {
    const name = `${address}/taken/changed`
    const container = await peers.ok('buildah', 'from', '--tls-verify=false', sample)
    const script = 'rm -r /tree/opaque && echo buildah > /tree/kept/file'
    await peers.ok('buildah', 'run', '--isolation', 'chroot', container, '--', 'sh', '-c', script)
    await peers.ok('buildah', 'config', '--env', 'MADE_BY=buildah', container)
    await peers.ok('buildah', 'commit', '--rm', container, 'changed')
    await peers.ok('buildah', 'push', '--tls-verify=false', 'changed', `docker://${name}`)
    await client.ok(['pull', name])
    assert.match(await client.ok(['run', '--rm', name]), /^buildah\n/)
    const look = 'echo $MADE_BY; ls -d /tree/k* /tree/l*'
    const found = 'buildah\n/tree/kept\n/tree/link\n/tree/linked'
    assert.equal(await client.ok(['run', '--rm', name, 'sh', '-c', look]), found)
    await forgetAll(world)
  })

  await t.test('of an index that buildah made, the wanted platform comes', async () => {
    const name = `${address}/taken/platforms:1`
    await peers.ok('buildah', 'manifest', 'create', 'platforms')
    await mkdir(peers.path('files'))
    for (const architecture of ['amd64', 'arm64']) {
      await writeFile(peers.path('files/architecture'), architecture)
      const container = await peers.ok('buildah', 'from', 'scratch')
      await peers.ok('buildah', 'copy', container, peers.path('files/architecture'), '/architecture')
      await peers.ok('buildah', 'config', '--arch', architecture, '--cmd', '["/none"]', container)
      await peers.ok('buildah', 'commit', '--rm', '--manifest', 'platforms', container, `for-${architecture}`)
    }
    await peers.ok('buildah', 'manifest', 'push', '--tls-verify=false', '--all', 'platforms', `docker://${name}`)
    for (const architecture of ['arm64', 'amd64']) {
      await client.ok(['pull', '--platform', `linux/${architecture}`, name])
      assert.equal(await client.ok(['image', 'inspect', '-f', '{{.Architecture}}', name]), architecture)
      const id = await client.ok(['create', '--platform', `linux/${architecture}`, name])
      await client.ok(['cp', `${id}:/architecture`, peers.path('copied')])
      assert.equal((await run('cat', [peers.path('copied')])).stdout, architecture)
      await client.ok(['rm', id])
    }
    const index = await peers.ok('skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${name}`)
    const digest = await client.ok(['image', 'inspect', '-f', '{{index .RepoDigests 0}}', name])
    assert.equal(await peers.ok('skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${digest}`), index)
    const unknown = await client.fails(['pull', '--platform', 'linux/s390x', name])
    assert.match(unknown.message, /no matching manifest for linux\/s390x/)
    await forgetAll(world)
  })
}

test('what others write, we read', async (t) => {
  await using scratch = await openScratch()
  await using registry = await TestRegistry.start(scratch)
  await using engine = await TestEngine.start(scratch)
  const peers = await Peers.open(scratch)
  const { address } = registry
  const client = engine.client()
  const sample = `${address}/taken/sample:original`
  await engine.addBusybox()
  await buildSample(engine, scratch, sample)
  await client.ok(['push', sample])
  const world = { engine, client, peers, address, sample }
  await forgetAll(world)
  await engine.ask('/build/prune?all=1', { method: 'POST' })
  await pushed(t, world)
  await saved(t, world)
  await ofDockerd(t, world)
  await madeByBuildah(t, world)
})
