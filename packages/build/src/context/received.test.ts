import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hashSources } from '../ops/file/hash.ts'
import { type FileSource, openTree } from '../ops/file/select.ts'
import type { Node } from '../ops/file/tree/node.ts'
import { closeReceived } from '../ops/file/tree/received.ts'
import { ReceivedContexts } from './received.ts'
import type { SentEntry } from './receiving.ts'

type Sent = Readonly<Record<string, string | null | { readonly link: string }>>

const entryOf = (path: string, content: Sent[string], mtime: number): SentEntry => ({
  path,
  type: content === null ? 'directory' : typeof content === 'string' ? 'file' : 'hardlink',
  mode: content === null ? 0o755 : 0o644,
  uid: 0,
  gid: 0,
  size: typeof content === 'string' ? content.length : 0,
  mtime,
  linkname: content !== null && typeof content === 'object' ? content.link : '',
  devMajor: 0,
  devMinor: 0,
  xattrs: null,
})

/** Sends files as a client would; what is asked for is told, and what was known by its bytes. */
const send = async (
  contexts: ReceivedContexts,
  files: Sent,
  mtimeOf = (content: unknown) => String(content).length,
) => {
  await using receiving = await contexts.receive('a context')
  const asked: string[] = []
  const known: string[] = []
  for (const [id, [path, content]] of Object.entries(files).entries()) {
    const entry = entryOf(path, content, mtimeOf(content))
    const written = Buffer.from(JSON.stringify(entry))
    const isKnown = receiving.isKnown(written, 0, written.length)
    if (isKnown) known.push(path)
    if (isKnown || !receiving.entry(entry, written)) continue
    asked.push(path)
    void receiving.data(id, Buffer.from(String(content)))
    receiving.end(id)
  }
  return { asked, known, held: await receiving.commit() }
}

const filesOf = (node: Node, path = ''): Record<string, string | null> =>
  Object.fromEntries(
    node.names().flatMap((name) => {
      const child = node.child(name) as Node
      if (child.kind !== 'directory') return [[`${path}${name}`, child.read().toString()]]
      return [[`${path}${name}`, null], ...Object.entries(filesOf(child, `${path}${name}/`))]
    }),
  )

const idle = () => undefined
const open = (source: FileSource) => openTree({ source, ignore: [], isContext: true }, idle)
const digestOf = (source: FileSource) =>
  hashSources(open(source), { paths: ['.'], exclude: [], keepOwner: false, parents: false }, idle).digest

const steps: readonly Sent[] = [
  { a: 'first', d: null, 'd/x': 'in a directory', 'd/y': 'y', z: 'last' },
  { a: 'first', d: null, 'd/x': 'changed', 'd/y': 'y', z: 'last' },
  { a: 'first', b: 'new', d: null, 'd/n': null, 'd/n/m': 'deep', 'd/x': 'changed', z: 'last' },
  { a: null, 'a/in': 'was a file', b: 'new', d: 'was a directory', z: 'last' },
  { a: null, 'a/in': 'was a file', b: 'new', d: 'was a directory', e: { link: 'b' }, z: 'last' },
  { a: null, 'a/in': 'was a file', b: 'other', e: { link: 'b' }, z: 'last' },
  {},
  { a: 'again' },
]

test('a tree that is mended is the one that would have been read', async () => {
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'slipway-received-'))
  stack.defer(() => rm(directory, { recursive: true }))
  const contexts = new ReceivedContexts(directory)
  for (const files of steps) {
    const { held } = await send(contexts, files)
    const wanted = Object.entries(files).map(([path, content]) => [
      path,
      content !== null && typeof content === 'object' ? files[content.link] : content,
    ])
    // With the tree of the step before in this thread's memory, where it can be mended; then read anew.
    assert.deepEqual(filesOf(open(held.source).top), Object.fromEntries(wanted))
    const mended = digestOf(held.source)
    open({ kind: 'received', path: (await send(contexts, { other: 'o' })).held.source.path })
    assert.equal(digestOf({ kind: 'received', path: held.source.path }), mended)
    open((await send(contexts, files)).held.source)
    closeReceived()
  }
})

test('only what is new or different is asked for, in whatever order it comes', async () => {
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'slipway-received-'))
  stack.defer(() => rm(directory, { recursive: true }))
  const contexts = new ReceivedContexts(directory)
  const first = await send(contexts, { a: '1', b: '22', c: '333' })
  assert.deepEqual(first.asked, ['a', 'b', 'c'])
  assert.deepEqual(first.known, [])
  const same = await send(contexts, { a: '1', b: '22', c: '333' })
  assert.deepEqual(same.asked, [])
  assert.deepEqual(same.known, ['a', 'b', 'c'])
  assert.equal(same.held.source.path, first.held.source.path)
  const other = await send(contexts, { c: '333', a: '1', d: '4', b: '23' }, (content) =>
    content === '23' ? 9 : String(content).length,
  )
  assert.deepEqual(other.asked, ['d', 'b'])
  // Found by its name, what comes in another order; `a` follows `c` no longer.
  assert.deepEqual(other.known, [])
  assert.deepEqual(filesOf(open(other.held.source).top), { a: '1', b: '23', c: '333', d: '4' })
  closeReceived()
})

test('what has changed bit by bit is still there after a restart', async () => {
  await using stack = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'slipway-received-'))
  stack.defer(() => rm(directory, { recursive: true }))
  const contexts = new ReceivedContexts(directory)
  const files: Record<string, string> = Object.fromEntries(
    Array.from({ length: 40 }, (_, number) => [`f${number}`, 'x']),
  )
  for (let round = 0; round < 20; round += 1) {
    delete files[`f${round}`]
    files[`g${round}`] = 'y'
    files['f39'] = 'z'.repeat(round + 1)
    const { asked, held } = await send(contexts, files)
    assert.equal(asked.length, round === 0 ? 40 : 2)
    assert.deepEqual(filesOf(open(held.source).top), files)
    // Now and then all of it is written.
    const isWhole = !(await readFile(held.source.path, 'utf8')).startsWith('{"from"')
    assert.equal(isWhole, round === 0 || round === 17)
    await held.release()
  }
  closeReceived()
  const next = await send(new ReceivedContexts(directory), files)
  assert.deepEqual(next.asked, [])
  assert.deepEqual(filesOf(open(next.held.source).top), files)
  closeReceived()
})
