import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { hasCode } from '@slipway/core'
import { deviceNumber, getXattr, listXattrs } from '@slipway/linux'
import { type TarHeader, tarHeader } from '../tar/header.ts'
import { packTar } from '../tar/pack.ts'
import { TarParser } from '../tar/parse.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { settleImplied } from './implied.ts'
import { type TreeRules, TreeWriter } from './tree-writer.ts'

type Entries = readonly Parameters<typeof tarHeader>[0][]

/** Unpacks entries whose bodies are their own names. */
const unpack = async (root: string, entries: Entries, rules: TreeRules = { whiteouts: 'overlay' }) => {
  const inputs = entries.map((entry) => {
    const body = entry.type === undefined || entry.type === 'file' ? Buffer.from(entry.name) : Buffer.alloc(0)
    return { header: tarHeader({ ...entry, size: body.length }), body }
  })
  using writer = new TreeWriter(root, rules)
  const parser = new TarParser(writer)
  parser.push(await buffer(packTar(inputs)))
  parser.end()
  return writer.finish()
}

const directory = (name: string, rest: Partial<TarHeader> = {}) => ({ name, type: 'directory', ...rest }) as const
const symlink = (name: string, linkname: string) => ({ name, type: 'symlink', linkname }) as const
const isInvalid = (error: unknown): boolean => hasCode(error, 'invalid')

/** A root to unpack into, beside a secret that must stay as it is. */
const arena = async () => {
  const temporary = await temporaryDirectory()
  const root = join(temporary.path, 'root')
  mkdirSync(root)
  mkdirSync(join(temporary.path, 'outside'))
  writeFileSync(join(temporary.path, 'outside/secret'), 'untouched')
  return {
    root,
    outside: join(temporary.path, 'outside'),
    checkOutside: () => {
      assert.deepEqual(readdirSync(join(temporary.path, 'outside')), ['secret'])
      assert.equal(readFileSync(join(temporary.path, 'outside/secret'), 'utf8'), 'untouched')
    },
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  }
}

test('files keep owner, mode with setuid, times, xattrs and capabilities', async () => {
  await using place = await arena()
  const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex')
  await unpack(place.root, [
    directory('bin/', { mode: 0o1751, uid: 7, gid: 8, mtime: 1_000_000 }),
    { name: 'bin/su', mode: 0o4755, uid: 1000, gid: 1001, mtime: 1_234_567_890 },
    { name: 'bin/ping', xattrs: new Map([['security.capability', capability]]), uid: 5 },
    { name: 'bin/none', mode: 0 },
  ])
  const su = statSync(join(place.root, 'bin/su'))
  assert.deepEqual([su.mode & 0o7777, su.uid, su.gid, su.mtimeMs], [0o4755, 1000, 1001, 1_234_567_890_000])
  const bin = statSync(join(place.root, 'bin'))
  assert.deepEqual([bin.mode & 0o7777, bin.uid, bin.gid, bin.mtimeMs], [0o1751, 7, 8, 1_000_000_000])
  assert.deepEqual(getXattr(join(place.root, 'bin/ping'), 'security.capability'), capability)
  assert.equal(statSync(join(place.root, 'bin/none')).mode & 0o7777, 0)
})

test('devices, FIFOs, symlinks and hard links come out as they are', async () => {
  await using place = await arena()
  await unpack(place.root, [
    { name: 'null', type: 'char', mode: 0o666, devMajor: 1, devMinor: 3 },
    { name: 'disk', type: 'block', mode: 0o660, gid: 6, devMajor: 259, devMinor: 300 },
    { name: 'pipe', type: 'fifo', mode: 0o622 },
    { ...symlink('link', 'no/where'), uid: 33, mtime: 77 },
    { name: 'file' },
    { name: 'again', type: 'hardlink', linkname: 'file' },
  ])
  const stats = (name: string) => lstatSync(join(place.root, name))
  assert.deepEqual([stats('null').isCharacterDevice(), stats('null').rdev], [true, Number(deviceNumber(1, 3))])
  assert.deepEqual([stats('disk').rdev, stats('disk').gid], [Number(deviceNumber(259, 300)), 6])
  assert.deepEqual([stats('null').mode & 0o777, stats('pipe').mode & 0o777], [0o666, 0o622])
  assert.deepEqual(
    [stats('link').uid, stats('link').mtimeMs, readlinkSync(join(place.root, 'link'))],
    [33, 77_000, 'no/where'],
  )
  assert.equal(stats('file').ino, stats('again').ino)
})

test('an absolute or climbing symlink as a parent leads inside the root', async () => {
  await using place = await arena()
  mkdirSync(join(place.root, 'var'))
  await unpack(place.root, [
    symlink('absolute', '/var'),
    { name: 'absolute/a' },
    symlink('climbing', '../../../../var'),
    { name: 'climbing/b' },
    symlink('host', place.outside),
    directory('made/'),
  ])
  assert.deepEqual(readdirSync(join(place.root, 'var')), ['a', 'b'])
  await assert.rejects(unpack(place.root, [{ name: 'host/secret' }]), isInvalid)
  place.checkOutside()
})

test('a name or hard link that leaves the root is refused, and the entry is named', async () => {
  await using place = await arena()
  const bad: Entries = [
    { name: '../outside/secret' },
    { name: 'a/../../outside/secret' },
    { name: 'link', type: 'hardlink', linkname: '../outside/secret' },
  ]
  for (const entry of bad) {
    await assert.rejects(unpack(place.root, [entry]), (error: Error) => {
      assert.match(error.message, /outside of "\/"/)
      return isInvalid(error)
    })
  }
  await unpack(place.root, [symlink('out', place.outside), directory('in/')])
  const through: Entries = [{ name: 'stolen', type: 'hardlink', linkname: 'out/secret' }]
  await assert.rejects(unpack(place.root, through), /invalid hardlink "stolen" -> "out\/secret"/)
  place.checkOutside()
})

test('the last name of an entry is never followed', async () => {
  await using place = await arena()
  const secret = join(place.outside, 'secret')
  await unpack(place.root, [symlink('file', secret), { name: 'file' }])
  assert.equal(readFileSync(join(place.root, 'file'), 'utf8'), 'file')
  await unpack(place.root, [
    symlink('folder', place.outside),
    directory('folder/', { mode: 0o700 }),
    { name: 'folder/secret' },
  ])
  assert.ok(lstatSync(join(place.root, 'folder')).isDirectory())
  await unpack(place.root, [symlink('linked', secret), { name: 'other', type: 'hardlink', linkname: 'linked' }])
  assert.ok(lstatSync(join(place.root, 'other')).isSymbolicLink())
  place.checkOutside()
})

test('a directory whose place a symlink takes later gives its mode and time to nobody', async () => {
  await using place = await arena()
  const before = statSync(place.outside)
  await unpack(place.root, [directory('trap/', { mode: 0o777, mtime: 5 }), symlink('trap', place.outside)])
  const after = statSync(place.outside)
  assert.deepEqual([after.mode, after.mtimeMs], [before.mode, before.mtimeMs])
})

test('directories above are still right after one was replaced', async () => {
  await using place = await arena()
  await unpack(place.root, [
    directory('a/'),
    directory('a/b/'),
    { name: 'a/b/old' },
    symlink('a', 'c'),
    directory('c/'),
    { name: 'a/new' },
  ])
  assert.deepEqual(readdirSync(join(place.root, 'c')), ['new'])
  assert.deepEqual(readdirSync(place.root).sort(), ['a', 'c'])
})

test('names that are no UTF-8 stay as they are', async () => {
  await using place = await arena()
  const name = Buffer.from([0x66, 0xff, 0xfe, 0x80])
  await unpack(place.root, [{ name }, directory('d/'), { name: Buffer.concat([Buffer.from('d/'), name]) }])
  assert.deepEqual(readdirSync(join(place.root, 'd'), 'buffer'), [name])
})

test("overlayfs's own attributes from outside are dropped", async () => {
  await using place = await arena()
  const xattrs = new Map([
    ['trusted.overlay.redirect', Buffer.from('/etc')],
    ['trusted.overlay.opaque', Buffer.from('y')],
    ['user.overlay.metacopy', Buffer.from('')],
    ['user.kept', Buffer.from('1')],
  ])
  await unpack(place.root, [directory('d/', { xattrs }), { name: 'f', xattrs }])
  for (const name of ['d', 'f']) assert.deepEqual(listXattrs(join(place.root, name)), ['user.kept'])
})

test('whiteouts become the marks of overlayfs', async () => {
  await using place = await arena()
  await unpack(place.root, [
    directory('d/'),
    { name: 'd/.wh..wh..opq' },
    { name: 'd/.wh.gone' },
    { name: '.wh.both' },
    directory('both/'),
    { name: '.wh..wh.plnk' },
  ])
  assert.deepEqual(readdirSync(place.root).sort(), ['both', 'd'])
  const gone = lstatSync(join(place.root, 'd/gone'))
  assert.deepEqual([gone.isCharacterDevice(), gone.rdev], [true, 0])
  for (const name of ['d', 'both']) {
    assert.equal(getXattr(join(place.root, name), 'trusted.overlay.opaque')?.toString(), 'y')
  }
  for (const name of ['.wh.', '.wh...', 'd/.wh..']) await assert.rejects(unpack(place.root, [{ name }]), isInvalid)
})

test('a parent that the layer does not mention looks as it does in the layers below', async () => {
  await using place = await arena()
  const lower = join(place.outside, '../lower')
  mkdirSync(join(lower, 'tmp/deep'), { recursive: true })
  execFileSync('chmod', ['1777', join(lower, 'tmp')])
  const implied = await unpack(place.root, [{ name: 'tmp/deep/file' }, { name: 'else/file' }, directory('own/')])
  assert.deepEqual(implied, ['', 'tmp', 'tmp/deep', 'else'])
  await settleImplied({ tree: place.root, lowers: [lower], implied })
  assert.equal(statSync(join(place.root, 'tmp')).mode & 0o7777, 0o1777)
  const timeOf = (root: string): bigint => statSync(join(root, 'tmp/deep'), { bigint: true }).mtimeNs
  assert.equal(timeOf(place.root), timeOf(lower))
  assert.equal(statSync(join(place.root, 'else')).mode & 0o7777, 0o755)
})

test('very deep trees are removed without running out of descriptors', async () => {
  await using place = await arena()
  execFileSync('python3', [
    '-c',
    `import os\nos.chdir(${JSON.stringify(place.root)})\nos.mkdir('deep')\nos.chdir('deep')\nfor i in range(3000):\n  os.mkdir('d'*20)\n  os.chdir('d'*20)\n`,
  ])
  await unpack(place.root, [{ name: 'deep' }])
  assert.ok(lstatSync(join(place.root, 'deep')).isFile())
  assert.deepEqual(readdirSync(place.root), ['deep'])
})

test('a tree whose symlinks point outside is unpacked over without touching what they point to', async () => {
  await using place = await arena()
  symlinkSync(place.outside, join(place.root, 'etc'))
  await assert.rejects(unpack(place.root, [{ name: 'etc/secret' }], { whiteouts: 'plain' }), isInvalid)
  await unpack(place.root, [{ name: 'etc/.wh.secret' }], { whiteouts: 'merged' })
  place.checkOutside()
})
