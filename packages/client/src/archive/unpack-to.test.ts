import assert from 'node:assert/strict'
import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { encodeHeader, endOfArchive, padding, type TarMember } from '../context/tar-header.ts'
import { packPath } from './pack-path.ts'
import { readTar } from './read-tar.ts'
import { unpackTo } from './unpack-to.ts'

const directory = async () => {
  const path = await mkdtemp(join(tmpdir(), 'slipway-unpack-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

const entry = (member: Partial<TarMember> & Pick<TarMember, 'path'>, text = ''): Buffer => {
  const header = encodeHeader({ type: 'file', mode: 0o644, mtime: 1, ...member, size: text.length })
  return Buffer.concat([header, Buffer.from(text), padding(text.length)])
}

/** In chunks that fit no boundary. */
async function* chunked(...entries: readonly Buffer[]): AsyncIterable<Uint8Array> {
  const tar = Buffer.concat([...entries, endOfArchive])
  for (let at = 0; at < tar.length; at += 333) yield tar.subarray(at, at + 333)
}

test('what packPath() packs, unpackTo() gives back under another name', async () => {
  await using temporary = await directory()
  const from = join(temporary.path, 'from')
  await mkdir(join(from, 'sub'), { recursive: true })
  await writeFile(join(from, 'sub', 'long-'.repeat(40)), 'x'.repeat(700_000))
  await writeFile(join(from, 'tool'), 'run')
  await chmod(join(from, 'tool'), 0o4751)
  await link(join(from, 'tool'), join(from, 'same'))
  await symlink('../../outside', join(from, 'away'))
  await chmod(join(from, 'sub'), 0o555)
  const to = join(temporary.path, 'to')
  assert.deepEqual(await unpackTo(packPath(from, 'top'), to), [])
  assert.deepEqual((await readdir(to)).sort(), ['away', 'same', 'sub', 'tool'])
  assert.equal((await readFile(join(to, 'sub', 'long-'.repeat(40)))).length, 700_000)
  assert.equal((await lstat(join(to, 'sub'))).mode & 0o7777, 0o555)
  assert.equal((await lstat(join(to, 'tool'))).mode & 0o7777, 0o4751)
  assert.equal((await lstat(join(to, 'tool'))).ino, (await lstat(join(to, 'same'))).ino)
  assert.equal(await readlink(join(to, 'away')), '../../outside')
})

test('unpackTo() takes the contents alone, into a directory that is there', async () => {
  await using temporary = await directory()
  const tar = chunked(entry({ path: './', type: 'directory' }), entry({ path: './a' }, 'a'), entry({ path: '/b' }, 'b'))
  await unpackTo(tar, temporary.path, { contents: true })
  assert.deepEqual((await readdir(temporary.path)).sort(), ['a', 'b'])
})

test('unpackTo() writes nothing outside, whatever the tar says', async () => {
  await using temporary = await directory()
  const to = join(temporary.path, 'to')
  await mkdir(to)
  const top = entry({ path: 'top/', type: 'directory' })
  const trap = entry({ path: 'top/trap', type: 'symlink', linkname: '..' })
  await assert.rejects(unpackTo(chunked(top, trap, entry({ path: 'top/trap/evil' }, 'x')), to), /is not a directory/)
  await assert.rejects(unpackTo(chunked(top, entry({ path: 'top/../../evil' }, 'x')), to), /leaves the archive/)
  const stolen = entry({ path: 'top/stolen', type: 'hardlink', linkname: 'top/trap/secret' })
  await assert.rejects(unpackTo(chunked(top, trap, stolen), to), /is not a directory/)
  assert.deepEqual(await readdir(temporary.path), ['to'])
})

test('unpackTo() never puts a file in the place of a directory, or the other way round', async () => {
  await using temporary = await directory()
  await mkdir(join(temporary.path, 'd'))
  await writeFile(join(temporary.path, 'f'), 'kept')
  await assert.rejects(unpackTo(chunked(entry({ path: 'd' }, 'x')), join(temporary.path, 'd')), /is a directory/)
  const directoryEntry = entry({ path: 't/f/', type: 'directory' })
  await assert.rejects(unpackTo(chunked(directoryEntry), temporary.path), /not a directory/)
  assert.equal(await readFile(join(temporary.path, 'f'), 'utf8'), 'kept')
})

test('unpackTo() leaves devices out and says so', async () => {
  await using temporary = await directory()
  const device = entry({ path: 't/null', type: 'character', device: { major: 1, minor: 3 } })
  assert.deepEqual(await unpackTo(chunked(device), join(temporary.path)), ['t/null'])
})

test('readTar() refuses what is cut short or no tar', async () => {
  const read = async (source: AsyncIterable<Uint8Array>) => {
    for await (const { body } of readTar(source)) for await (const _ of body);
  }
  const whole = entry({ path: 'a' }, 'x'.repeat(2000))
  const cut = async function* () {
    yield whole.subarray(0, 1000)
  }
  await assert.rejects(read(cut()), /unexpected end/)
  await assert.rejects(read(chunked(Buffer.alloc(512, 'x'))), /invalid tar/)
})
