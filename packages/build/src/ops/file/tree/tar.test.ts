import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { packTar, type TarHeader, tarHeader } from '@slipway/store'
import { findNode, type Node } from './node.ts'
import { openTar } from './tar.ts'

type Entry = Partial<Omit<TarHeader, 'name' | 'linkname'>> & {
  readonly name: string
  readonly linkname?: string
  readonly text?: string
}

const makeTar = async (entries: readonly Entry[]): Promise<Disposable & { readonly path: string }> => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-tar-'))
  const path = join(directory, 'context.tar')
  const inputs = entries.map(({ text = '', ...header }) => ({
    header: tarHeader({ ...header, size: Buffer.byteLength(text) }),
    body: Buffer.from(text),
  }))
  writeFileSync(path, await buffer(packTar(inputs)))
  return { path, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) }
}

const open = (path: string): Node => openTar({ path: path }, () => undefined)

const listing = (node: Node, path = ''): readonly string[] =>
  node.names().flatMap((name) => {
    const child = node.child(name)
    assert.ok(child !== undefined)
    const shown = child.kind === 'file' ? `=${child.read()}` : child.kind === 'symlink' ? `>${child.target()}` : '/'
    return [`${path}${name}${shown}`, ...listing(child, `${path}${name}/`)]
  })

const trees: readonly (readonly [what: string, entries: readonly Entry[], expected: readonly string[]])[] = [
  [
    'names in order of any kind',
    [
      { name: 'b', text: '2' },
      { name: './a', text: '1' },
    ],
    ['a=1', 'b=2'],
  ],
  ['directories that are only implied', [{ name: 'x/y/z', text: '1' }], ['x/', 'x/y/', 'x/y/z=1']],
  [
    'the last of two entries',
    [
      { name: 'a', text: 'old' },
      { name: 'a', text: 'new!' },
    ],
    ['a=new!'],
  ],
  [
    'a directory told twice',
    [
      { name: 'd/a', text: '1' },
      { name: 'd', type: 'directory' },
    ],
    ['d/', 'd/a=1'],
  ],
  [
    'a file in place of a directory',
    [
      { name: 'd/a', text: '1' },
      { name: 'd', text: '2' },
    ],
    ['d=2'],
  ],
  [
    'hard links',
    [
      { name: 'a', text: 'both' },
      { name: 'b', type: 'hardlink', linkname: './a' },
    ],
    ['a=both', 'b=both'],
  ],
  ['symlinks', [{ name: 'l', type: 'symlink', linkname: '/etc' }], ['l>/etc']],
  ['`..` that stays inside', [{ name: 'd/../a', text: '1' }], ['a=1']],
  ['empty files', [{ name: 'a' }, { name: 'b', text: 'x' }], ['a=', 'b=x']],
]

test('a tar is a tree as it would be unpacked', async () => {
  for (const [what, entries, expected] of trees) {
    using tar = await makeTar(entries)
    assert.deepEqual(listing(open(tar.path)), expected, what)
  }
})

const refusals: readonly (readonly [entries: readonly Entry[], message: RegExp])[] = [
  [[{ name: '../evil', text: 'x' }], /"\.\.\/evil": it is outside of the root/],
  [[{ name: 'a/../../evil' }], /it is outside of the root/],
  [[{ name: '.', text: 'x' }], /it is in place of the root/],
  [[{ name: 'l', type: 'symlink', linkname: '/tmp' }, { name: 'l/x' }], /"l" is no directory/],
  [[{ name: 'b', type: 'hardlink', linkname: 'a' }], /it links to what is not there/],
  [[{ name: 'b', type: 'hardlink', linkname: '../../etc/passwd' }], /it links to what is not there/],
]

test('a tar that leaves its root is refused', async () => {
  for (const [entries, message] of refusals) {
    using tar = await makeTar(entries)
    assert.throws(() => open(tar.path), { message, code: 'invalid' })
  }
})

test('what is cut short, or no tar at all, is refused', async () => {
  using tar = await makeTar([{ name: 'a', text: 'x'.repeat(2000) }])
  const cut = `${tar.path}.cut`
  writeFileSync(cut, readFileSync(tar.path).subarray(0, 1000))
  assert.throws(() => open(cut), /unexpected EOF in tar archive/)
  const text = `${tar.path}.txt`
  writeFileSync(text, 'no tar'.repeat(200))
  assert.throws(() => open(text), /invalid tar header/)
})

test('contents larger than the window are read whole', async () => {
  const text = 'abcdefgh'.repeat(400_000)
  using tar = await makeTar([
    { name: 'small', text: 's' },
    { name: 'large', text },
    { name: 'last', text: 'l' },
  ])
  const top = open(tar.path)
  assert.equal(top.child('large')?.read().toString(), text)
  assert.equal(top.child('last')?.read().toString(), 'l')
  assert.equal(top.child('small')?.read().toString(), 's')
  const copied = `${tar.path}.large`
  top.child('large')?.writeTo(copied, 0o600)
  assert.equal(readFileSync(copied, 'utf8'), text)
})

test('findNode() follows links inside the root and never out of it', async () => {
  using tar = await makeTar([
    { name: 'd/file', text: '1' },
    { name: 'absolute', type: 'symlink', linkname: '/d/file' },
    { name: 'up', type: 'symlink', linkname: '../../../d' },
    { name: 'round', type: 'symlink', linkname: 'round' },
    { name: 'gone', type: 'symlink', linkname: 'nowhere' },
  ])
  const top = open(tar.path)
  assert.equal(findNode(top, 'absolute', { followLast: true })?.read().toString(), '1')
  assert.equal(findNode(top, 'up/file')?.read().toString(), '1')
  assert.equal(findNode(top, '../../d/../d/./file')?.read().toString(), '1')
  assert.equal(findNode(top, 'absolute')?.kind, 'symlink')
  assert.equal(findNode(top, 'gone', { followLast: true }), undefined)
  assert.throws(() => findNode(top, 'round/x'), /too many levels of symbolic links/)
})
