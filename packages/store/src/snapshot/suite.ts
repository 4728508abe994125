import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { lstat, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import {
  type ChainId,
  canReplace,
  chainIds,
  digestOf,
  hasCode,
  type Mount,
  type Snapshotter,
  type UnpackedLayer,
} from '@slipway/core'
import { tarHeader } from '../tar/header.ts'
import { packTar, type TarInput } from '../tar/pack.ts'

export interface SnapshotterUnderTest extends AsyncDisposable {
  readonly snapshotter: Snapshotter
  /** A directory for the suite's own files. */
  readonly scratch: string
  /** Gives the mounted tree to `body`, and unmounts it. */
  use<T>(mounts: readonly Mount[], body: (directory: string) => Promise<T>): Promise<T>
  /** The snapshotter again, as after the process was killed. */
  reopen(): Promise<Snapshotter>
}

type Files = Readonly<Record<string, string>>

const mine = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }

/** A layer's tar: names that end in a slash are directories. */
const tarOf = (files: Files): Promise<Buffer> =>
  buffer(
    packTar(
      Object.entries(files).map(([name, text]): TarInput => {
        const type = name.endsWith('/') ? 'directory' : 'file'
        return { header: tarHeader({ name, type, ...mine, size: Buffer.byteLength(text) }), body: Buffer.from(text) }
      }),
    ),
  )

/** What GNU tar makes of a directory, a file and a link, each of that time. */
const timedTar = async (scratch: string, time: string): Promise<Buffer> => {
  const [tree, tar] = [join(scratch, 'timed'), join(scratch, 'timed.tar')]
  await mkdir(join(tree, 'd'), { recursive: true })
  await writeFile(join(tree, 'd/file'), 'x')
  await symlink('d/file', join(tree, 'link'))
  await promisify(execFile)('tar', ['-C', tree, '--format=posix', `--mtime=@${time}`, '-cf', tar, 'd', 'link'])
  return readFile(tar)
}

interface Layer {
  readonly path: string
  readonly name: ChainId
  readonly parent: ChainId | undefined
  readonly diffId: ChainId
  readonly size: number
}

/** Writes layers to files and names them. */
const layersOf = async (scratch: string, ...layers: readonly Files[]): Promise<readonly Layer[]> =>
  keepLayers(scratch, await Promise.all(layers.map(tarOf)))

const keepLayers = async (scratch: string, tars: readonly Buffer[]): Promise<readonly Layer[]> => {
  const diffIds = tars.map((tar) => digestOf(tar))
  const names = chainIds(diffIds)
  return Promise.all(
    tars.map(async (tar, at) => {
      const path = join(scratch, `${names[at]?.slice(7, 30)}.tar.gz`)
      await writeFile(path, gzipSync(tar))
      return {
        path,
        name: names[at] as ChainId,
        parent: names[at - 1],
        diffId: diffIds[at] as ChainId,
        size: tar.length,
      }
    }),
  )
}

const applyAll = async (snapshotter: Snapshotter, layers: readonly Layer[]): Promise<ChainId> => {
  for (const { path, name, parent, diffId } of layers) {
    await snapshotter.apply({ path }, name, parent, { expected: diffId })
  }
  return layers.at(-1)?.name as ChainId
}

const treeOf = async (directory: string, prefix = ''): Promise<Files> => {
  const tree: Record<string, string> = {}
  for (const name of (await readdir(join(directory, prefix))).sort()) {
    const path = join(prefix, name)
    const stat = await lstat(join(directory, path))
    if (stat.isDirectory()) Object.assign(tree, { [`${path}/`]: '' }, await treeOf(directory, path))
    else tree[path] = stat.isFile() ? await readFile(join(directory, path), 'utf8') : '(special)'
  }
  return tree
}

type Check = (under: SnapshotterUnderTest) => Promise<void>
const isCode =
  (code: Parameters<typeof hasCode>[1]) =>
  (error: unknown): boolean =>
    hasCode(error, code)

const checks: Readonly<Record<string, Check>> = {
  'applies layers on one another, whiteouts included': async ({ snapshotter, scratch, use }) => {
    const layers = await layersOf(
      scratch,
      { 'etc/': '', 'etc/a': 'old', 'etc/gone': '!', 'var/': '', 'var/x': '1', 'var/y': '2' },
      { 'etc/.wh.gone': '', 'etc/a': 'new', 'var/.wh..wh..opq': '', 'var/z': '3' },
    )
    const top = await applyAll(snapshotter, layers)
    const seen = await use(await snapshotter.view('look', top), treeOf)
    assert.deepEqual(seen, { 'etc/': '', 'etc/a': 'new', 'var/': '', 'var/z': '3' })
  },
  'keeps times to the nanosecond': async ({ snapshotter, scratch, use }) => {
    const [time, text] = [1_234_567_890_123_456_789n, '1234567890.123456789']
    const tars = [await timedTar(scratch, text), await tarOf({ other: '' })]
    for (const layer of await keepLayers(scratch, tars)) {
      await applyAll(snapshotter, [layer])
      const seen = await use(await snapshotter.view('look', layer.name), async (directory) => {
        const found = ['d', 'd/file', 'link'].map((name) => lstat(join(directory, name), { bigint: true }))
        return (await Promise.all(found)).map(({ mtimeNs }) => mtimeNs)
      })
      await snapshotter.remove('look')
      assert.deepEqual(seen, [time, time, time])
    }
  },
  'tells digest and size of what it applied, also when it is there already': async ({ snapshotter, scratch }) => {
    const [layer] = await layersOf(scratch, { file: 'x' })
    assert.ok(layer !== undefined)
    for (let time = 0; time < 2; time++) {
      const applied = await snapshotter.apply({ path: layer.path }, layer.name, undefined)
      assert.deepEqual(applied, { diffId: layer.diffId, size: layer.size })
    }
  },
  'shows the difference that a whiteout makes to what comes in the same layer': async (under) => {
    const { snapshotter, scratch, use } = under
    const layers = await layersOf(
      scratch,
      { 'd/': '', 'd/old': '1', 'e/': '', 'e/old': '1' },
      { '.wh.d': '', 'd/': '', 'd/new': '2', 'e/': '', 'e/new': '2', '.wh.e': '' },
    )
    const seen = await use(await snapshotter.view('look', await applyAll(snapshotter, layers)), treeOf)
    assert.deepEqual(seen, { 'd/': '', 'd/new': '2', 'e/': '', 'e/new': '2' })
  },
  'keeps nothing of a layer that is not the expected one': async ({ snapshotter, scratch }) => {
    const [layer] = await layersOf(scratch, { file: 'x' })
    assert.ok(layer !== undefined)
    const wrong = { expected: digestOf('something else') }
    await assert.rejects(snapshotter.apply({ path: layer.path }, layer.name, undefined, wrong), isCode('invalid'))
    assert.equal(await snapshotter.stat(layer.name), undefined)
  },
  'refuses a layer that leaves the root': async ({ snapshotter, scratch }) => {
    const [layer] = await layersOf(scratch, { 'fine/': '', '../../evil': 'x' })
    assert.ok(layer !== undefined)
    await assert.rejects(snapshotter.apply({ path: layer.path }, layer.name, undefined), (error: Error) => {
      assert.match(error.message, /"\.\.\/\.\.\/evil" is outside/)
      return hasCode(error, 'invalid')
    })
    assert.equal(await snapshotter.stat(layer.name), undefined)
  },
  'stops when it is told to': async ({ snapshotter, scratch }) => {
    const [layer] = await layersOf(scratch, { file: 'x' })
    assert.ok(layer !== undefined)
    const aborted = new AbortController()
    const { promise: isRead, resolve: read } = Promise.withResolvers<void>()
    /** The rest of it never comes, and it ends with whoever sends it. */
    async function* cutOff(path: string): AsyncGenerator<Uint8Array, void, void> {
      yield (await readFile(path)).subarray(0, 30)
      read()
      await once(aborted.signal, 'abort')
    }
    const unpacking = snapshotter.unpack({ bytes: cutOff(layer.path) }, { signal: aborted.signal })
    await isRead
    aborted.abort()
    await assert.rejects(unpacking, isCode('cancelled'))
    await assert.rejects(
      snapshotter.apply({ path: layer.path }, layer.name, undefined, { signal: aborted.signal }),
      isCode('cancelled'),
    )
    assert.equal(await snapshotter.stat(layer.name), undefined)
  },
  'gives each active snapshot a tree of its own': async ({ snapshotter, scratch, use }) => {
    const base = await applyAll(snapshotter, await layersOf(scratch, { file: 'base' }))
    const [one, other] = [await snapshotter.prepare('one', base), await snapshotter.prepare('other', base)]
    await use(one, (directory) => writeFile(join(directory, 'file'), 'changed'))
    assert.deepEqual(await use(other, treeOf), { file: 'base' })
    assert.deepEqual(await use(await snapshotter.mounts('one'), treeOf), { file: 'changed' })
    assert.equal((await snapshotter.stat('one'))?.kind, 'active')
  },
  'lists what changed as docker diff does': async ({ snapshotter, scratch, use }) => {
    const files = { 'etc/': '', 'etc/a': '1', 'etc/b': '2', 'lib/': '', 'lib/x': '3', 'gone/': '', 'gone/y': '4' }
    const base = await applyAll(snapshotter, await layersOf(scratch, files))
    await use(await snapshotter.prepare('box', base), async (directory) => {
      await writeFile(join(directory, 'etc/a'), 'changed')
      await rm(join(directory, 'etc/b'))
      await mkdir(join(directory, 'new'))
      await writeFile(join(directory, 'new/file'), '')
      await rm(join(directory, 'gone'), { recursive: true })
      await rm(join(directory, 'lib'), { recursive: true })
      await mkdir(join(directory, 'lib'))
      await writeFile(join(directory, 'lib/z'), '')
    })
    const changes = (await snapshotter.changes('box')).map(({ kind, path }) => `${kind[0]} ${path}`)
    assert.deepEqual(changes, [
      'm /etc',
      'm /etc/a',
      'd /etc/b',
      'd /gone',
      'm /lib',
      'd /lib/x',
      'a /lib/z',
      'a /new',
      'a /new/file',
    ])
  },
  'makes a layer of what changed, and the same bytes each time': async ({ snapshotter, scratch, use }) => {
    const base = await applyAll(snapshotter, await layersOf(scratch, { 'a/': '', 'a/x': '1', 'b/': '', 'b/y': '2' }))
    await use(await snapshotter.prepare('box', base), async (directory) => {
      await rm(join(directory, 'a/x'))
      await rename(join(directory, 'b/y'), join(directory, 'b/renamed'))
      await symlink('/nowhere', join(directory, 'link'))
    })
    const to = join(scratch, 'diff.tar')
    const first = await snapshotter.diff('box', { to, compression: 'gzip' })
    assert.deepEqual(first.file, { digest: digestOf(await readFile(to)), size: (await lstat(to)).size })
    assert.equal((await snapshotter.diff('box')).diffId, first.diffId)
    assert.equal(digestOf(await buffer(snapshotter.tar('box'))), first.diffId)
    const name = digestOf('applied elsewhere')
    await snapshotter.apply({ path: to }, name, base, { expected: first.diffId })
    const seen = await use(await snapshotter.view('look', name), treeOf)
    assert.deepEqual(seen, { 'a/': '', 'b/': '', 'b/renamed': '2', link: '(special)' })
  },
  'makes a committed snapshot of an active one': async ({ snapshotter, scratch, use }) => {
    const base = await applyAll(snapshotter, await layersOf(scratch, { file: 'base' }))
    await use(await snapshotter.prepare('step', base), (directory) => writeFile(join(directory, 'more'), 'text'))
    const name = digestOf('committed')
    await snapshotter.commit('step', name)
    assert.equal(await snapshotter.stat('step'), undefined)
    assert.deepEqual(
      [(await snapshotter.stat(name))?.kind, (await snapshotter.stat(name))?.parent],
      ['committed', base],
    )
    assert.deepEqual(await use(await snapshotter.prepare('next', name), treeOf), { file: 'base', more: 'text' })
    await assert.rejects(snapshotter.mounts(name), isCode('conflict'))
  },
  'drops an active snapshot that is committed under a name that is there': async ({ snapshotter, scratch }) => {
    const base = await applyAll(snapshotter, await layersOf(scratch, { file: 'base' }))
    await snapshotter.prepare('step')
    await snapshotter.commit('step', base)
    assert.equal(await snapshotter.stat('step'), undefined)
    assert.equal((await snapshotter.stat(base))?.parent, undefined)
  },
  'begins with nothing without a parent': async ({ snapshotter, use }) => {
    const mounts = await snapshotter.prepare('scratch')
    assert.deepEqual(await use(mounts, treeOf), {})
    await use(mounts, (directory) => writeFile(join(directory, 'first'), '1'))
    assert.deepEqual(await snapshotter.changes('scratch'), [{ kind: 'added', path: '/first' }])
  },
  'refuses a key that is taken and a parent that is not there': async ({ snapshotter }) => {
    await snapshotter.prepare('one')
    await assert.rejects(snapshotter.prepare('one'), isCode('already-exists'))
    await assert.rejects(snapshotter.prepare('two', digestOf('missing')), isCode('not-found'))
    await assert.rejects(snapshotter.mounts('three'), isCode('not-found'))
  },
  'removes nothing that something stands on': async ({ snapshotter, scratch }) => {
    const base = await applyAll(snapshotter, await layersOf(scratch, { file: 'base' }))
    await snapshotter.prepare('box', base)
    await assert.rejects(snapshotter.remove(base), isCode('conflict'))
    await snapshotter.remove('box')
    await snapshotter.remove('box')
    await snapshotter.remove(base)
    assert.deepEqual(await Array.fromAsync(snapshotter.list()), [])
  },
  'is the same after the process was killed': async ({ snapshotter, scratch, use, reopen }) => {
    const base = await applyAll(snapshotter, await layersOf(scratch, { file: 'base' }))
    await use(await snapshotter.prepare('box', base), (directory) => writeFile(join(directory, 'file'), 'mine'))
    await snapshotter.prepare('brief', base)
    await snapshotter.remove('brief')
    const again = await reopen()
    await again.cleanup()
    const names = (await Array.fromAsync(again.list())).map(({ name }) => name)
    assert.deepEqual(names.sort(), ['box', base].sort())
    assert.deepEqual(await use(await again.mounts('box'), treeOf), { file: 'mine' })
  },
  'applies several layers at once': async ({ snapshotter, scratch, use }) => {
    const files = Array.from({ length: 6 }, (_, at) => ({ [`file${at}`]: `${at}`, shared: `${at}` }))
    const layers = await layersOf(scratch, ...files)
    await Promise.all(
      layers.map(({ path, name, parent, diffId }) => snapshotter.apply({ path }, name, parent, { expected: diffId })),
    )
    const top = layers.at(-1)?.name as ChainId
    const seen = await use(await snapshotter.view('look', top), treeOf)
    assert.equal(seen['shared'], '5')
    assert.equal(Object.keys(seen).length, 7)
  },
  'unpacks layers in any order, and puts them on one another afterwards': async ({ snapshotter, scratch, use }) => {
    const layers = await layersOf(
      scratch,
      { 'd/': '', 'd/a': '1', 'd/b': '1' },
      { 'd/.wh.a': '', 'd/c': '2' },
      { z: '3' },
    )
    const unpacked = new Map<ChainId, UnpackedLayer>()
    for (const { path, name, diffId } of layers.toReversed()) {
      unpacked.set(name, await snapshotter.unpack({ path }, { expected: diffId }))
      assert.equal(await snapshotter.stat(name), undefined)
    }
    const [bottom, middle, top] = layers.map(({ name }) => name)
    assert.ok(bottom !== undefined && middle !== undefined && top !== undefined)
    await assert.rejects(async () => unpacked.get(middle)?.commit(middle, bottom), isCode('not-found'))
    for (const { name, parent } of layers) await unpacked.get(name)?.commit(name, parent)
    for (const layer of unpacked.values()) await layer[Symbol.asyncDispose]()
    assert.deepEqual(await use(await snapshotter.view('look', top), treeOf), {
      'd/': '',
      'd/b': '1',
      'd/c': '2',
      z: '3',
    })
    await assert.rejects(snapshotter.remove(bottom), isCode('conflict'))
  },
  'unpacks a layer from its bytes, and keeps nothing of one that is not committed': async (under) => {
    const { snapshotter, scratch, use } = under
    const [layer] = await layersOf(scratch, { file: 'x'.repeat(100_000) })
    assert.ok(layer !== undefined)
    const { path, name, diffId, size } = layer
    for (const isWanted of [false, true]) {
      await using unpacked = await snapshotter.unpack({ bytes: createReadStream(path) }, { expected: diffId })
      assert.deepEqual([unpacked.diffId, unpacked.size], [diffId, size])
      if (isWanted) await unpacked.commit(name, undefined)
    }
    assert.deepEqual(Object.keys(await use(await snapshotter.view('look', name), treeOf)), ['file'])
    const torn = [gzipSync(Buffer.alloc(100_000)).subarray(0, 50)]
    await assert.rejects(snapshotter.unpack({ bytes: torn }), isCode('invalid'))
  },
  'gives a layer new files while others stand on it': async ({ snapshotter, scratch, use, reopen }) => {
    if (!canReplace(snapshotter)) return
    const layers = await layersOf(scratch, { 'd/': '', 'd/a': '1' }, { z: '2' })
    const top = await applyAll(snapshotter, layers)
    const [bottom] = layers
    assert.ok(bottom !== undefined)
    const spare = digestOf('spare')
    await assert.rejects(snapshotter.replace(bottom.name, spare), isCode('not-found'))
    await snapshotter.apply({ path: bottom.path }, spare, undefined, { expected: bottom.diffId })
    await assert.rejects(snapshotter.replace(top, spare), isCode('conflict'))
    await snapshotter.replace(bottom.name, spare)
    for (const each of [snapshotter, await reopen()]) {
      const names = (await Array.fromAsync(each.list())).map(({ name }) => name)
      assert.deepEqual(names.toSorted(), [bottom.name, top].toSorted())
      await assert.rejects(each.remove(bottom.name), isCode('conflict'))
    }
    assert.deepEqual(await use(await snapshotter.view('look', top), treeOf), { 'd/': '', 'd/a': '1', z: '2' })
  },
  'counts what a snapshot takes': async ({ snapshotter, scratch }) => {
    const name = await applyAll(snapshotter, await layersOf(scratch, { file: 'x'.repeat(100_000) }))
    const usage = await snapshotter.usage(name)
    assert.ok(usage.bytes >= 100_000 && usage.bytes < 200_000, String(usage.bytes))
    assert.equal(usage.inodes, 2)
  },
}

/** What every snapshotter promises. Run it with one line in the snapshotter's own test. */
export const snapshotterSuite = (name: string, make: () => Promise<SnapshotterUnderTest>): void => {
  // Asked for here, so that a daemon that imports this package doesn't load the test runner.
  const { describe, it } = process.getBuiltinModule('node:test')
  describe(name, () => {
    for (const [sentence, check] of Object.entries(checks)) {
      it(sentence, async () => {
        await using under = await make()
        await check(under)
      })
    }
  })
}
