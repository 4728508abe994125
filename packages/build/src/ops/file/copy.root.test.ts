import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { getXattr, setXattr } from '@slipway/linux'
import { type TarHeader, TarParser } from '@slipway/store'
import type { CopyChange } from './change.ts'
import { runFileJob, runPackJob } from './jobs.ts'
import type { FileSource } from './select.ts'

/** A source, a destination, and a place outside of both that nothing may touch. */
const makePlaces = () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-copy-'))
  const places = {
    source: join(directory, 'source'),
    target: join(directory, 'target'),
    outside: join(directory, 'outside'),
  }
  for (const path of Object.values(places)) mkdirSync(path)
  return { ...places, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) }
}

const fill = (root: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    if (name.endsWith('/')) mkdirSync(join(root, name), { recursive: true })
    else if (content.startsWith('-> ')) symlinkSync(content.slice(3), join(root, name))
    else writeFileSync(join(root, name), content)
  }
}

/** Every path below, with contents and link targets. */
const listing = (root: string, below = ''): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(join(root, below))
      .sort()
      .flatMap((name): readonly (readonly [string, string])[] => {
        const path = below === '' ? name : `${below}/${name}`
        const stat = lstatSync(join(root, path))
        if (stat.isSymbolicLink()) return [[path, `-> ${readlinkSync(join(root, path))}`]]
        if (stat.isDirectory()) return [[`${path}/`, ''], ...Object.entries(listing(root, path))]
        return [[path, stat.isFile() ? readFileSync(join(root, path), 'utf8') : 'special']]
      }),
  )

interface Asked extends Partial<Omit<CopyChange, 'kind' | 'tree'>> {
  readonly paths: readonly string[]
  readonly destination: string
  readonly ignore?: readonly string[]
}

type Kind = FileSource['kind']
const kinds: readonly Kind[] = ['directory', 'tar']
/** What is changed itself, or gets a layer on top. */
const ways = ['disk', 'layer'] as const
type Way = (typeof ways)[number]
const variants = ways.flatMap((way) => kinds.map((kind) => ({ kind, way, title: `from a ${kind} to a ${way}` })))
let tars = 0

/** The directory itself, or a tar of it, whose name is never used twice. */
const sourceOf = (directory: string, kind: Kind): FileSource => {
  if (kind === 'directory') return { kind, path: directory }
  const path = `${directory}-${++tars}.tar`
  execFileSync('tar', ['-cf', path, '-C', directory, '.'])
  return { kind, path }
}

const copy = (
  places: { readonly source: string; readonly target: string },
  { ignore = [], ...asked }: Asked,
  { kind, way }: { readonly kind: Kind; readonly way: Way } = { kind: 'directory', way: 'disk' },
): void => {
  const tree = { source: sourceOf(places.source, kind), ignore, isContext: true }
  const defaults = { keepOwner: false, exclude: [], parents: false, archives: [] }
  const job = { root: places.target, changes: [{ kind: 'copy', tree, ...defaults, ...asked }] } as const
  if (way === 'disk') runFileJob({ kind: 'change', ...job }, () => undefined)
  else {
    const input = Buffer.concat(
      [...runPackJob({ kind: 'pack', ...job }, () => undefined)].map((piece) => Buffer.from(piece)),
    )
    execFileSync('tar', ['-xpf', '-', '--numeric-owner', '--xattrs', '--xattrs-include=*', '-C', places.target], {
      input,
    })
  }
}

type Files = Readonly<Record<string, string>>

const cases: readonly (readonly [what: string, source: Files, before: Files, asked: Asked, after: Files])[] = [
  ['a file to a name', { a: '1' }, {}, { paths: ['a'], destination: '/b' }, { b: '1' }],
  ['a file to a directory', { a: '1' }, {}, { paths: ['a'], destination: '/d/' }, { 'd/': '', 'd/a': '1' }],
  [
    'a file to a directory that is there',
    { a: '1' },
    { 'd/': '' },
    { paths: ['a'], destination: '/d' },
    { 'd/': '', 'd/a': '1' },
  ],
  ['a file over a file', { a: '1' }, { b: '2' }, { paths: ['a'], destination: '/b' }, { b: '1' }],
  [
    'a directory: its contents',
    { 'd/a': '1', 'd/e/b': '2' },
    {},
    { paths: ['d'], destination: '/x' },
    { 'x/': '', 'x/a': '1', 'x/e/': '', 'x/e/b': '2' },
  ],
  [
    'everything',
    { a: '1', 'd/b': '2' },
    { c: '3' },
    { paths: ['.'], destination: '/' },
    { a: '1', c: '3', 'd/': '', 'd/b': '2' },
  ],
  [
    'into what is there',
    { 'd/a': '1' },
    { 'x/b': '2' },
    { paths: ['d'], destination: '/x' },
    { 'x/': '', 'x/a': '1', 'x/b': '2' },
  ],
  [
    'wildcards',
    { 'a.txt': '1', 'b.txt': '2', 'c.md': '3', 'd/e.txt': '4' },
    {},
    { paths: ['*.txt'], destination: '/x/' },
    { 'x/': '', 'x/a.txt': '1', 'x/b.txt': '2' },
  ],
  [
    'wildcards in directories',
    { 'p/one/f': '1', 'p/two/f': '2' },
    {},
    { paths: ['p/*/f'], destination: '/x/' },
    { 'x/': '', 'x/f': '2' },
  ],
  [
    'a wildcard that takes nothing',
    { a: '1' },
    {},
    { paths: ['a', '*.nope'], destination: '/x/' },
    { 'x/': '', 'x/a': '1' },
  ],
  [
    'a link at the end: what it means',
    { a: '-> b', b: '1' },
    {},
    { paths: ['a'], destination: '/x/' },
    { 'x/': '', 'x/a': '1' },
  ],
  [
    'links inside of a directory: as links',
    { 'd/a': '-> /etc/passwd' },
    {},
    { paths: ['d'], destination: '/x' },
    { 'x/': '', 'x/a': '-> /etc/passwd' },
  ],
  [
    'a link over a file',
    { 'd/a': '-> b' },
    { 'x/a': '1' },
    { paths: ['d'], destination: '/x' },
    { 'x/': '', 'x/a': '-> b' },
  ],
  ['a path that climbs', { a: '1' }, {}, { paths: ['../../a'], destination: '/b' }, { b: '1' }],
  [
    'without what is ignored',
    { a: '1', 'd/b': '2', 'd/c': '3' },
    {},
    { paths: ['.'], destination: '/', ignore: ['d', '!d/c'] },
    { a: '1', 'd/': '', 'd/c': '3' },
  ],
  [
    'without what is excluded',
    { 'a.ts': '1', 'd/b.ts': '2', 'd/c.md': '3' },
    {},
    { paths: ['.'], destination: '/', exclude: ['**/*.ts'] },
    { 'd/': '', 'd/c.md': '3' },
  ],
  [
    'with the parents',
    { 'a/b/c': '1' },
    {},
    { paths: ['a/b/c'], destination: '/x/', parents: true },
    { 'x/': '', 'x/a/': '', 'x/a/b/': '', 'x/a/b/c': '1' },
  ],
  [
    'through a link in the target',
    { a: '1' },
    { link: '-> /real', 'real/': '' },
    { paths: ['a'], destination: '/link/' },
    { link: '-> /real', 'real/': '', 'real/a': '1' },
  ],
  [
    'through a climbing link in the target',
    { a: '1' },
    { link: '-> ../../../../real', 'real/': '' },
    { paths: ['a'], destination: '/link/' },
    { link: '-> ../../../../real', 'real/': '', 'real/a': '1' },
  ],
  [
    'through a dangling link in the target',
    { a: '1' },
    { link: '-> /made' },
    { paths: ['a'], destination: '/link/' },
    { link: '-> /made', 'made/': '', 'made/a': '1' },
  ],
  [
    'with parents from the pivot on',
    { 'x/y/z/a': '1' },
    {},
    { paths: ['x/./y/z/a'], destination: '/to/', parents: true },
    { 'to/': '', 'to/y/': '', 'to/y/z/': '', 'to/y/z/a': '1' },
  ],
  [
    'with parents from below any directories',
    { 'a.txt': '0', 'x/b.txt': '1', 'x/y/c.txt': '2', 'x/y/d': '3' },
    {},
    { paths: ['./**/*.txt'], destination: '/', parents: true },
    { 'a.txt': '0', 'x/': '', 'x/b.txt': '1', 'x/y/': '', 'x/y/c.txt': '2' },
  ],
]

test('COPY copies as docker does', () => {
  for (const [what, source, before, asked, expected] of cases) {
    for (const variant of variants) {
      using places = makePlaces()
      fill(places.source, source)
      fill(places.target, before)
      copy(places, asked, variant)
      assert.deepEqual(listing(places.target), expected, `${what}, ${variant.title}`)
    }
  }
})

const refusals: readonly (readonly [what: string, source: Files, before: Files, asked: Asked, message: RegExp])[] = [
  [
    'missing',
    {},
    {},
    { paths: ['x'], destination: '/' },
    /^COPY failed: file not found in build context or excluded by \.dockerignore: stat x: file does not exist$/,
  ],
  ['ignored', { x: '1' }, {}, { paths: ['x'], destination: '/', ignore: ['x'] }, /file does not exist/],
  [
    'a directory over a file',
    { 'd/a': '1' },
    { x: '2' },
    { paths: ['d'], destination: '/x' },
    /cannot copy to non-directory/,
  ],
  [
    'a directory over a link',
    { 'd/e/a': '1' },
    { 'x/e': '-> /y', 'y/': '' },
    { paths: ['d'], destination: '/x' },
    /cannot copy to non-directory: \/x\/e/,
  ],
  [
    'a file over a directory',
    { 'd/a': '1' },
    { 'x/a/': '' },
    { paths: ['d'], destination: '/x' },
    /cannot replace to directory \/x\/a with file/,
  ],
  [
    'an unknown user',
    { a: '1' },
    {},
    { paths: ['a'], destination: '/', owner: 'nobody', ownerMustExist: true },
    /can't find uid for user nobody: no such user: nobody/,
  ],
  ['a bad mode', { a: '1' }, {}, { paths: ['a'], destination: '/', mode: '9' }, /invalid chmod parameter: '9'/],
]

test('COPY refuses what docker refuses', () => {
  for (const [what, source, before, asked, message] of refusals) {
    using places = makePlaces()
    fill(places.source, source)
    fill(places.target, before)
    for (const variant of variants) {
      assert.throws(() => copy(places, asked, variant), { message }, `${what}, ${variant.title}`)
    }
  }
})

for (const variant of variants) {
  test(`COPY never reads or writes outside, whatever links there are, ${variant.title}`, () => {
    using places = makePlaces()
    fill(places.outside, { secret: 'secret' })
    fill(places.source, {
      file: 'x',
      escape: `-> ${join(places.outside, 'secret')}`,
      up: '-> ../outside/secret',
      'd/evil': `-> ${places.outside}`,
    })
    fill(places.target, { out: `-> ${places.outside}`, 'x/evil': `-> ${places.outside}` })
    assert.throws(() => copy(places, { paths: ['escape'], destination: '/' }, variant), /file does not exist/)
    assert.throws(() => copy(places, { paths: ['up'], destination: '/' }, variant), /file does not exist/)
    assert.throws(() => copy(places, { paths: ['d/evil/secret'], destination: '/' }, variant), /file does not exist/)
    copy(places, { paths: ['file'], destination: '/out/' }, variant)
    copy(places, { paths: ['file'], destination: '/x/evil/deep/' }, variant)
    assert.deepEqual(listing(places.outside), { secret: 'secret' })
  })
}

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
