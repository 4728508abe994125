import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { hasCode } from '@slipway/core'
import { tarHeader } from '../tar/header.ts'
import { packTar } from '../tar/pack.ts'
import { readTar } from '../tar/read.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { copyDirectory, measureDirectory } from './copy-directory.ts'
import { type PackOptions, packDirectory } from './pack-directory.ts'
import { unpackInto } from './unpack-into.ts'

const isCode = (code: Parameters<typeof hasCode>[1]) => (error: unknown) => hasCode(error, code)

/** A root with a few files, beside a secret. */
const container = async () => {
  const temporary = await temporaryDirectory()
  const root = join(temporary.path, 'root')
  await mkdir(join(root, 'etc/nginx/conf.d'), { recursive: true })
  await writeFile(join(root, 'etc/nginx/nginx.conf'), 'worker_processes 1;')
  await writeFile(join(root, 'etc/nginx/conf.d/site'), 'server {}')
  await symlink('/etc/nginx', join(root, 'link'))
  await symlink('../../../../../../../etc', join(root, 'climb'))
  await writeFile(join(temporary.path, 'secret'), 'untouched')
  return { root, [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose]() }
}

const namesIn = async (root: string, path: string, options?: PackOptions): Promise<readonly string[]> => {
  const names: string[] = []
  for await (const { header } of readTar(packDirectory(root, path, options))) names.push(header.name.toString())
  return names
}

const tarOf = (files: Readonly<Record<string, string>>): Promise<Buffer> =>
  buffer(
    packTar(
      Object.entries(files).map(([name, text]) => {
        const type = name.endsWith('/') ? 'directory' : 'file'
        const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
        return { header: tarHeader({ name, type, size: text.length, ...owner }), body: Buffer.from(text) }
      }),
    ),
  )

test('packDirectory() calls things by the last name, as docker cp does', async () => {
  await using box = await container()
  const below = ['conf.d/', 'conf.d/site', 'nginx.conf']
  assert.deepEqual(await namesIn(box.root, '/etc/nginx'), ['nginx/', ...below.map((name) => `nginx/${name}`)])
  assert.deepEqual(await namesIn(box.root, 'etc/nginx/nginx.conf'), ['nginx.conf'])
  assert.deepEqual(await namesIn(box.root, '/etc/nginx', { as: 'other' }), [
    'other/',
    ...below.map((name) => `other/${name}`),
  ])
  assert.deepEqual(await namesIn(box.root, '/etc/nginx', { as: '' }), below)
  assert.deepEqual(await namesIn(box.root, '/', { as: '', without: ['etc/nginx/conf.d', 'link'] }), [
    'climb',
    'etc/',
    'etc/nginx/',
    'etc/nginx/nginx.conf',
  ])
})

test('packDirectory() packs a symlink at the end as one, and follows it before a slash, inside the root', async () => {
  await using box = await container()
  assert.deepEqual(await namesIn(box.root, '/link'), ['link'])
  assert.deepEqual(await namesIn(box.root, '/link/nginx.conf'), ['nginx.conf'])
  assert.equal((await namesIn(box.root, '/link/')).length, 4)
  assert.deepEqual(await namesIn(box.root, '/climb/nginx/conf.d'), ['conf.d/', 'conf.d/site'])
  assert.deepEqual(await namesIn(box.root, '../../../etc/nginx/nginx.conf'), ['nginx.conf'])
})

test('packDirectory() fails with not-found, and gives others as owners when asked', async () => {
  await using box = await container()
  await assert.rejects(namesIn(box.root, '/no/such/file'), isCode('not-found'))
  await assert.rejects(namesIn(box.root, '../secret'), isCode('not-found'))
  await assert.rejects(namesIn(box.root, '/etc/nginx/nginx.conf/x'), isCode('invalid'))
  for await (const { header } of readTar(packDirectory(box.root, '/etc', { owner: { uid: 12, gid: 34 } }))) {
    assert.deepEqual([header.uid, header.gid], [12, 34])
  }
})

test('packDirectory() sends large files whole, and stops when nobody reads', async () => {
  await using box = await container()
  const bytes = Buffer.alloc(12_345_678, 'slipway')
  await writeFile(join(box.root, 'large'), bytes)
  for await (const { body } of readTar(packDirectory(box.root, '/large'))) {
    assert.deepEqual(Buffer.concat(await Array.fromAsync(body)), bytes)
  }
  for await (const _ of packDirectory(box.root, '/large')) break
})

test('unpackInto() puts files where they belong, compressed or not', async () => {
  await using box = await container()
  const tar = await tarOf({ 'a/': '', 'a/b': 'text', 'new/deep/file': '1' })
  await unpackInto(box.root, '/etc', [tar])
  await unpackInto(box.root, '/link/conf.d', [gzipSync(tar)])
  assert.equal(await readFile(join(box.root, 'etc/a/b'), 'utf8'), 'text')
  assert.equal(await readFile(join(box.root, 'etc/nginx/conf.d/new/deep/file'), 'utf8'), '1')
})

test('unpackInto() wants a directory, and makes one when told to', async () => {
  await using box = await container()
  const tar = await tarOf({ file: '1' })
  await assert.rejects(unpackInto(box.root, '/missing', [tar]), isCode('not-found'))
  await assert.rejects(unpackInto(box.root, '/etc/nginx/nginx.conf', [tar]), isCode('invalid'))
  await unpackInto(box.root, '/made/here', [tar], { create: true })
  assert.equal(await readFile(join(box.root, 'made/here/file'), 'utf8'), '1')
})

test('unpackInto() never leaves its root', async () => {
  await using box = await container()
  await assert.rejects(unpackInto(box.root, '/etc', [await tarOf({ '../x': '1' })]), isCode('invalid'))
  await unpackInto(box.root, '/', [await tarOf({ 'climb/inside': '1' })])
  assert.equal(await readFile(join(box.root, 'etc/inside'), 'utf8'), '1')
  assert.equal(await readFile(join(box.root, '../secret'), 'utf8'), 'untouched')
})

test('unpackInto() keeps kinds when asked, with docker words', async () => {
  await using box = await container()
  const keepKinds = true
  await assert.rejects(unpackInto(box.root, '/', [await tarOf({ etc: 'x' })], { keepKinds }), (error: Error) => {
    assert.equal(error.message, 'cannot overwrite directory "/etc" with non-directory')
    return hasCode(error, 'conflict')
  })
  await assert.rejects(
    unpackInto(box.root, '/etc/nginx', [await tarOf({ 'nginx.conf/': '' })], { keepKinds }),
    /non-directory .* with directory/,
  )
  assert.equal(await readlink(join(box.root, 'link')), '/etc/nginx')
})

test('unpackInto() takes whiteouts for the files they are', async () => {
  await using box = await container()
  await unpackInto(box.root, '/etc', [await tarOf({ '.wh.nginx': '' })])
  assert.deepEqual((await readdir(join(box.root, 'etc'))).sort(), ['.wh.nginx', 'nginx'])
})

test('unpackInto() fails when the tar is cut short, its source fails, or it is cancelled', async () => {
  await using box = await container()
  const tar = await tarOf({ file: 'x'.repeat(3_000_000) })
  await assert.rejects(unpackInto(box.root, '/', [tar.subarray(0, 2_000_000)]), isCode('invalid'))
  const failing = async function* () {
    yield tar.subarray(0, 1000)
    throw new Error('client went away')
  }
  await assert.rejects(unpackInto(box.root, '/', failing()), /client went away/)
  const aborted = new AbortController()
  const endless = async function* () {
    yield tar.subarray(0, 2_000_000)
    aborted.abort()
    await new Promise(() => {})
  }
  await assert.rejects(unpackInto(box.root, '/', endless(), { signal: aborted.signal }), isCode('cancelled'))
})

test('what is packed and unpacked elsewhere is the same', async () => {
  await using box = await container()
  await mkdir(join(box.root, 'copy'))
  await unpackInto(box.root, '/copy', packDirectory(box.root, '/etc'))
  assert.equal(await readFile(join(box.root, 'copy/etc/nginx/conf.d/site'), 'utf8'), 'server {}')
  const [one, other] = await Promise.all(['etc/nginx', 'copy/etc/nginx'].map((path) => stat(join(box.root, path))))
  assert.equal(Math.floor((one?.mtimeMs ?? 0) / 1000), (other?.mtimeMs ?? 1) / 1000)
})

test('copyDirectory() copies modes and links as they are, the directory itself too', async () => {
  await using box = await container()
  await mkdir(join(box.root, 'from'), { mode: 0o700 })
  await writeFile(join(box.root, 'from/file'), 'x'.repeat(10_000), { mode: 0o640 })
  await symlink('/etc/passwd', join(box.root, 'from/link'))
  await mkdir(join(box.root, 'to'))
  await copyDirectory(join(box.root, 'from'), join(box.root, 'to'))
  assert.equal((await stat(join(box.root, 'to'))).mode & 0o777, 0o700)
  assert.equal((await stat(join(box.root, 'to/file'))).mode & 0o777, 0o640)
  assert.equal(await readlink(join(box.root, 'to/link')), '/etc/passwd')
  assert.ok((await measureDirectory(join(box.root, 'to'))).bytes >= 10_000)
  await assert.rejects(copyDirectory(join(box.root, 'link'), join(box.root, 'to')))
})
