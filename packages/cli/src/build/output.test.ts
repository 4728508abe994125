import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { Exit } from '../exit.ts'
import { readOutput, readOutputs } from './output.ts'

const stdout = new PassThrough()
const none = { output: [], push: false, load: false, tag: [], annotation: [] }

const makeDirectory = async (t: TestContext): Promise<string> => {
  const root = await mkdtemp(join(tmpdir(), 'swt-output-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  return root
}

const plain = (outputs: ReturnType<typeof readOutputs>) =>
  outputs.map(({ type, attrs }) => [type, Object.fromEntries(attrs)])

test('without any output the image goes into the store, with its names', () => {
  assert.deepEqual(plain(readOutputs(none, stdout)), [['moby', {}]])
  assert.deepEqual(plain(readOutputs({ ...none, tag: ['a:1', 'b'] }, stdout)), [['moby', { name: 'a:1,b' }]])
})

test('annotations go to what is an image', () => {
  const flags = { ...none, annotation: ['a=b'], output: ['type=tar,dest=-', 'type=image,annotation.c=d'] }
  assert.deepEqual(plain(readOutputs(flags, stdout)), [
    ['tar', {}],
    ['moby', { 'annotation.a': 'b', 'annotation.c': 'd' }],
  ])
})

test('--push and --load are outputs, or say more of the one there is', () => {
  const tag = ['a']
  assert.deepEqual(plain(readOutputs({ ...none, push: true, tag }, stdout)), [['moby', { push: 'true', name: 'a' }]])
  assert.deepEqual(plain(readOutputs({ ...none, load: true, output: ['type=image,push=true'], tag }, stdout)), [
    ['moby', { push: 'true', name: 'a' }],
  ])
  assert.deepEqual(plain(readOutputs({ ...none, output: ['type=registry'], tag }, stdout)), [
    ['moby', { push: 'true', name: 'a' }],
  ])
  assert.deepEqual(plain(readOutputs({ ...none, load: true, output: ['type=tar,dest=-'], tag }, stdout)), [
    ['tar', {}],
    ['moby', { name: 'a' }],
  ])
  assert.throws(() => readOutputs({ ...none, push: true }, stdout), /tag is needed when pushing to registry/)
})

test('a path alone is a directory, - a tar', async (t) => {
  const root = await makeDirectory(t)
  assert.deepEqual(readOutput(root, stdout).target, { kind: 'directory', path: root })
  assert.equal(readOutput('-', stdout).type, 'tar')
  assert.equal(readOutput('"type=oci","annotation=a,b",dest=-', stdout).attrs.get('annotation'), 'a,b')
})

test('what can’t be is refused in docker’s words', async (t) => {
  const root = await makeDirectory(t)
  await writeFile(join(root, 'file'), '')
  const rows: readonly (readonly [text: string, why: string])[] = [
    ['dest=x,a=b', 'ERROR: type is required for output'],
    ['type=local,x', 'ERROR: invalid value x'],
    ['type=local', 'ERROR: failed to build: dest is required for local exporter'],
    ['type=local,dest=-', 'ERROR: failed to build: dest cannot be stdout for local exporter'],
    [`type=tar,dest=${root}`, `ERROR: failed to build: destination file ${root} is a directory`],
    [`type=local,dest=${root}/file`, `ERROR: failed to build: destination directory ${root}/file is a file`],
  ]
  for (const [text, message] of rows) assert.throws(() => readOutput(text, stdout), new Exit(1, message))
  const terminal = Object.assign(new PassThrough(), { isTTY: true })
  assert.throws(() => readOutput('-', terminal), /refusing to write to console/)
})

test('a file is there when all of it is, and not before', async (t) => {
  const root = await makeDirectory(t)
  const path = join(root, 'out.tar')
  const { target } = readOutput(`type=tar,dest=${path}`, stdout)
  assert.ok(target?.kind === 'file')
  const half = (async function* () {
    yield Buffer.from('half')
    throw new Error('gone')
  })()
  await assert.rejects(target.take(half), /gone/)
  assert.deepEqual(await readdir(root), [])
  const whole = (async function* () {
    yield Buffer.from('who')
    yield Buffer.from('le')
  })()
  await target.take(whole)
  assert.equal(await readFile(path, 'utf8'), 'whole')
})
