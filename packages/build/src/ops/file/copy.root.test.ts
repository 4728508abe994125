import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Asked, copy, fill, listing, makePlaces, variants } from './testing/copy.ts'

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
