import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, linkSync, lstatSync, mkdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { getXattr, setXattr } from '@slipway/linux'
import { type TarHeader, TarParser } from '@slipway/store'
import { runFileJob, runImageJob, runPackJob } from './jobs.ts'
import { copy, fill, kinds, makePlaces, sourceOf, variants, ways } from './testing/copy.ts'

for (const variant of variants) {
  test(`COPY gives files to root or to whom it is told, and keeps modes and times, ${variant.title}`, () => {
    using places = makePlaces()
    fill(places.source, { 'd/a': '1', 'd/run': '2' })
    utimesSync(join(places.source, 'd/a'), 1000, 1000)
    execFileSync('chown', ['-R', '12:34', places.source])
    chmodSync(join(places.source, 'd/run'), 0o4755)
    fill(places.target, { 'etc/passwd': 'web:x:33:44::/:\n', 'etc/group': 'staff:x:50:\n' })
    const ids = (path: string) => {
      const { uid, gid } = lstatSync(join(places.target, path))
      return [uid, gid]
    }
    copy(places, { paths: ['d'], destination: '/plain' }, variant)
    assert.deepEqual(ids('plain/a'), [0, 0])
    assert.equal(lstatSync(join(places.target, 'plain/run')).mode & 0o7777, 0o4755)
    assert.equal(lstatSync(join(places.target, 'plain/a')).mtimeMs, 1_000_000)
    copy(places, { paths: ['d'], destination: '/kept', keepOwner: true }, variant)
    assert.deepEqual(ids('kept/a'), [12, 34])
    copy(places, { paths: ['d'], destination: '/given/deep', owner: 'web:staff' }, variant)
    assert.deepEqual(
      [ids('given'), ids('given/deep'), ids('given/deep/a')],
      [
        [33, 50],
        [33, 50],
        [33, 50],
      ],
    )
    copy(places, { paths: ['d'], destination: '/number', owner: '7' }, variant)
    assert.deepEqual(ids('number/a'), [7, 7])
    copy(places, { paths: ['d'], destination: '/name', owner: 'web' }, variant)
    assert.deepEqual(ids('name/a'), [33, 44])
    copy(places, { paths: ['d'], destination: '/mode', mode: 'u=rwX,go=rX' }, variant)
    assert.equal(lstatSync(join(places.target, 'mode/run')).mode & 0o7777, 0o755)
    assert.equal(lstatSync(join(places.target, 'mode/a')).mode & 0o7777, 0o644)
  })
}

for (const way of ways) {
  test(`COPY keeps hard links, and attributes where owners are kept, to a ${way}`, () => {
    using places = makePlaces()
    fill(places.source, { 'd/a': '1' })
    linkSync(join(places.source, 'd/a'), join(places.source, 'd/b'))
    setXattr(join(places.source, 'd/a'), 'user.colour', Buffer.from('red'))
    copy(places, { paths: ['d'], destination: '/x', keepOwner: true }, { kind: 'directory', way })
    const [a, b] = ['a', 'b'].map((name) => lstatSync(join(places.target, 'x', name)).ino)
    assert.equal(a, b)
    assert.equal(getXattr(join(places.target, 'x/a'), 'user.colour')?.toString(), 'red')
    copy(places, { paths: ['d'], destination: '/y' }, { kind: 'directory', way })
    assert.equal(getXattr(join(places.target, 'y/a'), 'user.colour'), undefined)
  })
}

for (const variant of variants) {
  test(`COPY leaves sockets out, and copies pipes as pipes, ${variant.title}`, () => {
    using places = makePlaces()
    mkdirSync(join(places.source, 'd'))
    execFileSync('mkfifo', [join(places.source, 'd/pipe')])
    copy(places, { paths: ['d'], destination: '/x' }, variant)
    assert.ok(lstatSync(join(places.target, 'x/pipe')).isFIFO())
    assert.ok(existsSync(join(places.target, 'x')))
  })
}

test('the key of a COPY is that of what it copies, not of names or times', () => {
  using places = makePlaces()
  fill(places.source, { 'one/a': '1', 'two/a': '1', 'three/a': '2', 'four/b': '1' })
  const keyOf = (...paths: readonly string[]) => {
    const [onDisk, inTar] = kinds.map((kind) => {
      const tree = { source: sourceOf(places.source, kind), ignore: [], isContext: true }
      return runFileJob({ kind: 'hash', tree, paths, exclude: [], keepOwner: false, parents: false }, () => undefined)
        .digest
    })
    assert.equal(onDisk, inTar)
    return onDisk
  }
  const before = keyOf('one')
  utimesSync(join(places.source, 'one/a'), 5, 5)
  assert.equal(keyOf('one'), before)
  assert.equal(keyOf('two'), before)
  assert.notEqual(keyOf('three'), before)
  assert.notEqual(keyOf('four'), before)
  assert.notEqual(keyOf('one/a'), keyOf('four/b'))
  chmodSync(join(places.source, 'one/a'), 0o600)
  assert.notEqual(keyOf('one'), before)
})

test('a layer has the directories on the way as they are below, and the times of the files alone', () => {
  using places = makePlaces()
  fill(places.source, { 'd/a': '1', 'd/new/b': '2' })
  execFileSync('touch', ['-d', '@-5.5', join(places.source, 'd/new')])
  fill(places.target, { 'srv/app/other': '0', 'srv/beside/': '' })
  execFileSync('chown', ['5:6', join(places.target, 'srv/app')])
  chmodSync(join(places.target, 'srv/app'), 0o2750)
  utimesSync(join(places.target, 'srv/app'), 77, 77)
  setXattr(join(places.target, 'srv/app'), 'user.colour', Buffer.from('red'))
  const tree = { source: sourceOf(places.source, 'directory'), ignore: [], isContext: true }
  const defaults = { keepOwner: false, exclude: [], parents: false, archives: [] }
  const changes = [{ kind: 'copy', tree, ...defaults, paths: ['d'], destination: '/srv/app/' }] as const
  const entries: TarHeader[] = []
  const parser = new TarParser({ entry: (header) => entries.push(header), data: () => undefined, end: () => undefined })
  for (const piece of runPackJob({ kind: 'pack', root: places.target, changes, newest: 88 }, () => undefined)) {
    parser.push(Buffer.from(piece))
  }
  parser.end()
  assert.deepEqual(
    entries.map(({ name }) => name.toString()),
    ['srv/', 'srv/app/', 'srv/app/a', 'srv/app/new/', 'srv/app/new/b'],
  )
  const [, app, a, made] = entries
  assert.deepEqual([app?.uid, app?.gid, app?.mode, app?.mtime], [5, 6, 0o2750, 77])
  assert.equal(app?.xattrs.get('user.colour')?.toString(), 'red')
  assert.deepEqual([a?.uid, a?.gid, a?.mtime], [0, 0, 88])
  assert.equal(made?.mtime, -6)
})

test('a file with the name of a whiteout is refused: in a layer it would hide another', () => {
  using places = makePlaces()
  fill(places.source, { 'd/.wh.passwd': '' })
  const asked = { paths: ['d'], destination: '/etc/' }
  assert.throws(() => copy(places, asked, { kind: 'tar', way: 'layer' }), /name of a whiteout: \/etc\/\.wh\.passwd/)
})

test('a layer is the same as an image and as a tar', async () => {
  using places = makePlaces()
  const files = { 'd/a': '1', 'd/deep/er/b': '2', 'd/empty/': '', 'd/link': '-> a', 'd/large': 'x'.repeat(3_000_000) }
  fill(places.source, files)
  linkSync(join(places.source, 'd/a'), join(places.source, 'd/again'))
  execFileSync('mkfifo', [join(places.source, 'd/pipe')])
  setXattr(join(places.source, 'd/a'), 'user.colour', Buffer.from('red'))
  fill(places.target, { 'srv/app/other': '0' })
  for (const kind of kinds) {
    const tree = { source: sourceOf(places.source, kind), ignore: [], isContext: true }
    const defaults = { keepOwner: true, exclude: [], parents: false, archives: [] }
    const changes = [{ kind: 'copy', tree, ...defaults, paths: ['d'], destination: '/srv/app/new' }] as const
    const job = { root: places.target, changes }
    const hash = createHash('sha256')
    let size = 0
    for (const piece of runPackJob({ kind: 'pack', ...job }, () => undefined)) {
      hash.update(piece)
      size += piece.length
    }
    const image = join(places.outside, kind)
    const written = await runImageJob({ kind: 'image', image, ...job }, () => undefined)
    assert.deepEqual([written.diffId, written.size], [`sha256:${hash.digest('hex')}`, size])
  }
})
