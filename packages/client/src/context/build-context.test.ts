import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, link, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { directoryContext, dockerfileContext, looksLikeArchive } from './build-context.ts'

const makeContext = async (t: TestContext, files: Readonly<Record<string, string>>): Promise<string> => {
  const root = await mkdtemp(join(tmpdir(), 'swt-context-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return root
}

/** tar itself reads it: what it understands, the engine does too. */
const runTar = async (tar: Uint8Array, ...args: readonly string[]): Promise<string> => {
  const child = spawn('tar', args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TZ: 'UTC' } })
  child.stdin.end(tar)
  return await text(child.stdout)
}

const names = async (tar: Uint8Array): Promise<readonly string[]> => (await runTar(tar, '-tf', '-')).trim().split('\n')

const bytesOf = async (tar: AsyncIterable<Uint8Array>): Promise<Buffer> => await buffer(Readable.from(tar))

test('directoryContext() sends what is not ignored, in a fixed order', async (t) => {
  const root = await makeContext(t, {
    Dockerfile: 'FROM x',
    '.dockerignore': '*.log\nsub\n!sub/keep',
    'b.log': '',
    'a/z': '1',
    'a/b': '2',
    'sub/keep': 'k',
    'sub/no': '',
  })
  const { tar, dockerfile } = await directoryContext(root)
  assert.equal(dockerfile, 'Dockerfile')
  assert.deepEqual(await names(await bytesOf(tar)), ['.dockerignore', 'Dockerfile', 'a/', 'a/b', 'a/z', 'sub/keep'])
})

test('directoryContext() sends the same bytes for the same files', async (t) => {
  const roots = [
    await makeContext(t, { Dockerfile: 'x', 'd/f': 'y' }),
    await makeContext(t, { 'd/f': 'y', Dockerfile: 'x' }),
  ]
  const tars = await Promise.all(
    roots.map(async (root) => {
      for (const path of ['', 'd', 'Dockerfile', 'd/f'])
        await utimes(join(root, path), 1_700_000_000.5, 1_700_000_000.5)
      return await bytesOf((await directoryContext(root)).tar)
    }),
  )
  assert.deepEqual(tars[0], tars[1])
})

test('modes, links and long names survive; the owner is root', async (t) => {
  const long = `${'d'.repeat(90)}/${'é'.repeat(80)}`
  const root = await makeContext(t, { Dockerfile: 'x', run: '#!', [long]: 'deep', one: 'same' })
  await chmod(join(root, 'run'), 0o755)
  await symlink('one', join(root, 'soft'))
  await symlink(`/${'t'.repeat(150)}`, join(root, 'softlong'))
  await link(join(root, 'one'), join(root, 'two'))
  const tar = await bytesOf((await directoryContext(root)).tar)
  const listing = (await runTar(tar, '--quoting-style=literal', '-tvf', '-')).trim().split('\n')
  const find = (suffix: string): string => listing.find((line) => line.endsWith(suffix)) ?? ''
  assert.match(find(' run'), /^-rwxr-xr-x 0\/0 /)
  assert.match(find(' soft -> one'), /^l/)
  assert.notEqual(find(`softlong -> /${'t'.repeat(150)}`), '')
  assert.match(find(' two link to one'), /^h/)
  assert.equal(await runTar(tar, '-xOf', '-', long), 'deep')
})

test('a file that is longer than what is read ahead is streamed whole', async (t) => {
  const content = 'abcdefgh'.repeat(60_000)
  const root = await makeContext(t, { Dockerfile: 'x', big: content })
  assert.equal(await runTar(await bytesOf((await directoryContext(root)).tar), '-xOf', '-', 'big'), content)
})

test('a Dockerfile and its .dockerignore are sent even when they are ignored', async (t) => {
  const root = await makeContext(t, { Dockerfile: 'x', '.dockerignore': '*', other: '' })
  assert.deepEqual(await names(await bytesOf((await directoryContext(root)).tar)), ['.dockerignore', 'Dockerfile'])
})

test('the .dockerignore of the Dockerfile itself comes first', async (t) => {
  const root = await makeContext(t, {
    'b.Dockerfile': 'x',
    'b.Dockerfile.dockerignore': 'one',
    '.dockerignore': 'two',
    one: '',
    two: '',
  })
  const { tar, dockerfile } = await directoryContext(root, { dockerfile: join(root, 'b.Dockerfile') })
  assert.equal(dockerfile, 'b.Dockerfile')
  const sent = await names(await bytesOf(tar))
  assert.deepEqual([sent.includes('one'), sent.includes('two')], [false, true])
})

test('a Dockerfile from elsewhere travels under a name that COPY does not see', async (t) => {
  const root = await makeContext(t, { 'a.txt': '', Dockerfile: 'FROM inside', '.dockerignore': 'z' })
  const elsewhere = await makeContext(t, { Other: 'FROM outside' })
  const { tar, dockerfile } = await directoryContext(root, { dockerfile: join(elsewhere, 'Other') })
  const bytes = await bytesOf(tar)
  assert.match(dockerfile, /^\.dockerfile\.[0-9a-f]{20}$/)
  assert.equal(await runTar(bytes, '-xOf', '-', dockerfile), 'FROM outside')
  assert.equal(await runTar(bytes, '-xOf', '-', '.dockerignore'), `z\n.dockerignore\n${dockerfile}\n`)
  assert.deepEqual((await names(bytes)).filter((name) => name === '.dockerignore').length, 1)
})

test("what can't be a context is refused in docker's words", async (t) => {
  const root = await makeContext(t, { file: '' })
  await assert.rejects(
    directoryContext(join(root, 'none')),
    /^SlipwayError: unable to prepare context: path ".*none" not found$/,
  )
  await assert.rejects(directoryContext(join(root, 'file')), /context must be a directory/)
  await assert.rejects(
    directoryContext(root, { dockerfile: join(root, 'nope') }),
    /unable to evaluate symlinks in Dockerfile path: lstat .*nope: no such file or directory/,
  )
})

test('dockerfileContext() holds one file', async () => {
  const { tar, dockerfile } = dockerfileContext(Buffer.from('FROM x\n'))
  assert.equal(await runTar(await bytesOf(tar), '-xOf', '-', dockerfile), 'FROM x\n')
})

test('looksLikeArchive() tells a tar from a Dockerfile', async (t) => {
  const root = await makeContext(t, { Dockerfile: 'x' })
  assert.equal(looksLikeArchive(await bytesOf((await directoryContext(root)).tar)), true)
  assert.equal(looksLikeArchive(Buffer.from([0x1f, 0x8b, 8])), true)
  assert.equal(looksLikeArchive(Buffer.from('FROM x\nRUN y\n')), false)
})
