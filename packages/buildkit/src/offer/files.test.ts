import assert from 'node:assert/strict'
import { rmSync, symlinkSync } from 'node:fs'
import { chmod, link, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Stat } from '../messages/fsutil.ts'
import { permissionsOfGoMode, typeOfGoMode } from '../session/file-mode.ts'
import { type FilesWanted, receiveFiles } from '../session/file-sync.ts'
import { offerFiles } from './files.ts'
import { sessionWith } from './testing/session.ts'

const signal = new AbortController().signal

const makeTree = async (t: TestContext, files: Readonly<Record<string, string>>): Promise<string> => {
  const root = await mkdtemp(join(tmpdir(), 'swt-offer-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return root
}

/** What the daemon is told and sent. */
const receive = async (root: string, wanted: Omit<FilesWanted, 'directory'> = {}) => {
  using session = sessionWith(offerFiles(new Map([['context', root]])))
  const stats: Stat[] = []
  const contents = new Map<string, string>()
  const pathOf = (id: number): string => stats[id]?.path ?? ''
  const sink = {
    entry(stat: Stat) {
      stats.push(stat)
      return typeOfGoMode(stat.mode) === 'file' && stat.linkname === ''
    },
    data(id: number, bytes: Uint8Array) {
      contents.set(pathOf(id), (contents.get(pathOf(id)) ?? '') + Buffer.from(bytes).toString('latin1'))
      return undefined
    },
    end: (id: number) => void contents.set(pathOf(id), contents.get(pathOf(id)) ?? ''),
  }
  await receiveFiles(session, { directory: 'context', ...wanted }, sink, signal)
  return { stats, paths: stats.map(({ path }) => path), contents }
}

test('a directory is told in the order of its bytes, and sent', async (t) => {
  const root = await makeTree(t, { 'b/z': '1', 'b/a': '', 'b.txt': '2', a: '3', ａ: '4', 𐀀: '5' })
  const { paths, contents } = await receive(root)
  assert.deepEqual(paths, ['a', 'b', 'b/a', 'b/z', 'b.txt', 'ａ', '𐀀'])
  assert.deepEqual(Object.fromEntries(contents), { a: '3', 'b/a': '', 'b/z': '1', 'b.txt': '2', ａ: '4', 𐀀: '5' })
})

test('modes, times to the nanosecond, links, and nobody’s owner', async (t) => {
  const root = await makeTree(t, { run: '#!', one: 'same' })
  await chmod(join(root, 'run'), 0o4755)
  await utimes(join(root, 'run'), 1_700_000_000.25, 1_700_000_000.25)
  await symlink('one', join(root, 'soft'))
  await link(join(root, 'one'), join(root, 'two'))
  const { stats, contents } = await receive(root)
  const find = (path: string): Stat | undefined => stats.find((stat) => stat.path === path)
  assert.equal(permissionsOfGoMode(find('run')?.mode ?? 0), 0o4755)
  assert.equal(find('run')?.modTime, 1_700_000_000_250_000_000)
  assert.deepEqual([find('run')?.uid, find('run')?.gid], [0, 0])
  assert.equal(find('soft')?.linkname, 'one')
  assert.deepEqual([find('two')?.linkname, find('two')?.size], ['one', 0])
  assert.deepEqual([...contents.keys()].sort(), ['one', 'run'])
})

test('a file of many messages arrives whole', async (t) => {
  const content = 'abcdefgh'.repeat(1 << 18)
  const root = await makeTree(t, {
    big: content,
    border: content.slice(0, 64 << 10),
    over: content.slice(0, (64 << 10) + 1),
  })
  const { contents } = await receive(root)
  assert.equal(contents.get('big') === content, true)
  assert.equal(contents.get('border')?.length, 64 << 10)
  assert.equal(contents.get('over')?.length, (64 << 10) + 1)
})

test('what is ignored is left out; a directory of it comes with what was taken back', async (t) => {
  const root = await makeTree(t, { 'a/keep': '', 'a/no': '', 'b/no': '', 'c/deep/no': '', file: '' })
  const { paths } = await receive(root, { exclude: ['*', '!a/keep'] })
  assert.deepEqual(paths, ['a', 'a/keep'])
  assert.deepEqual((await receive(root, { exclude: ['**/no'] })).paths, ['a', 'a/keep', 'b', 'c', 'c/deep', 'file'])
})

test('only what is followed is told, and what symlinks there lead to within the directory', async (t) => {
  const root = await makeTree(t, { 'src/main.c': '', 'src/other.c': '', 'real/x': '', 'real/y': '', else: '' })
  await symlink('real', join(root, 'link'))
  await symlink('../../../../real/y', join(root, 'out'))
  await symlink('/real/x', join(root, 'absolute'))
  await symlink('circle', join(root, 'circle'))
  assert.deepEqual((await receive(root, { follow: ['src/main.c'] })).paths, ['src', 'src/main.c'])
  assert.deepEqual((await receive(root, { follow: ['link/x'] })).paths, ['link', 'real', 'real/x'])
  assert.deepEqual((await receive(root, { follow: ['out'] })).paths, ['out', 'real', 'real/y'])
  assert.deepEqual((await receive(root, { follow: ['abs*'] })).paths, ['absolute', 'real', 'real/x'])
  assert.deepEqual((await receive(root, { follow: ['circle', 'nothing'] })).paths, ['circle'])
  assert.equal((await receive(root, { follow: ['.'] })).paths.length, 11)
})

test('patterns beyond ASCII come through', async (t) => {
  const root = await makeTree(t, { 'a+b é/x': '', other: '' })
  assert.deepEqual((await receive(root, { follow: ['a+b é/x'] })).paths, ['a+b é', 'a+b é/x'])
})

test('a directory that was not offered is refused, and what can’t be read is told', async (t) => {
  using session = sessionWith(offerFiles(new Map()))
  const sink = { entry: () => false, data: () => undefined, end: () => undefined }
  await assert.rejects(receiveFiles(session, { directory: '/etc' }, sink, signal), /no access allowed to dir "\/etc"/)
  const root = await makeTree(t, { x: '' })
  await rm(root, { recursive: true })
  await assert.rejects(receive(root), { message: `error from sender: open ${root}: no such file or directory` })
})

test('a file that became a symlink meanwhile is not followed', async (t) => {
  const root = await makeTree(t, { x: 'mine' })
  using session = sessionWith(offerFiles(new Map([['context', root]])))
  const sink = {
    entry() {
      rmSync(join(root, 'x'))
      symlinkSync('/etc/hostname', join(root, 'x'))
      return true
    },
    data: () => assert.fail('nothing was to be sent'),
    end: () => undefined,
  }
  await assert.rejects(receiveFiles(session, { directory: 'context' }, sink, signal), /too many symbolic links/)
})
