import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { ReceivedContexts } from '../../context/received.ts'
import type { Receiving, SentEntry } from '../../context/receiving.ts'
import type { Edge, OpContext, Result } from '../../graph/vertex.ts'
import { solverOf } from '../../solver/solver.ts'
import { openTestWorker, type TestWorker } from '../../testing/worker.ts'
import { type CopyAction, changeFiles } from '../file.ts'
import { imageSource, localSource, type RemoteEdge, remoteSource } from '../source.ts'

let made: TestWorker
let base: Edge
let contexts: ReceivedContexts
before(async () => {
  made = await openTestWorker()
  contexts = new ReceivedContexts(join(made.worker.scratch, 'received'))
  const [config] = [...made.images.values()]
  base = imageSource('busybox', config?.rootfs.diff_ids ?? [])
})
after(() => made[Symbol.asyncDispose]())

/** null: a directory. */
type Content = string | null | { readonly link: string }
type Files = Readonly<Record<string, Content>>

const entryOf = (path: string, content: Content, mtime: number): SentEntry => ({
  path,
  type: content === null ? 'directory' : typeof content === 'string' ? 'file' : 'hardlink',
  mode: content === null ? 0o755 : 0o644,
  uid: 5,
  gid: 6,
  size: typeof content === 'string' ? content.length : 0,
  mtime,
  linkname: content !== null && typeof content === 'object' ? content.link : '',
  devMajor: 0,
  devMinor: 0,
  xattrs: null,
})

/** Directory by directory, as a client walks them. */
const inWalkOrder = (files: Files): readonly (readonly [string, Content])[] => {
  const key = (path: string): Buffer => Buffer.from(path.replaceAll('/', '\0'))
  return Object.entries(files).sort(([a], [b]) => Buffer.compare(key(a), key(b)))
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

/** Tells of all entries, and sends what is asked for two files at a time, mixed, while the others come. */
const sendAll = async (receiving: Receiving, entries: readonly (readonly [string, Content])[]): Promise<void> => {
  const wanted: { readonly id: number; readonly bytes: Buffer; at: number }[] = []
  const part = 70_000
  const sendSome = (): void => {
    for (const file of wanted.slice(0, 2)) {
      void receiving.data(file.id, file.bytes.subarray(file.at, file.at + part))
      file.at += part
      if (file.at < file.bytes.length) continue
      receiving.end(file.id)
      wanted.splice(wanted.indexOf(file), 1)
    }
  }
  for (const [id, [path, content]] of entries.entries()) {
    const entry = entryOf(path, content, 1e15)
    const written = Buffer.from(`${JSON.stringify(entry)}${String(content).slice(0, 9)}`)
    // Each file that may have changed looks as if it had.
    const sent = { ...entry, mtime: 1e15 + Number(String(content).slice(0, 1) === 'y') }
    if (!receiving.isKnown(written, 0, written.length) && receiving.entry(sent, written)) {
      wanted.push({ id, bytes: Buffer.from(String(content)), at: 0 })
    }
    if (id % 3 === 0) sendSome()
    if (id % 5 === 0) await turn()
  }
  while (wanted.length > 0) {
    sendSome()
    await turn()
  }
}

type Send = (receiving: Receiving) => Promise<void>

const remoteOf = (key: string, send: Send, ignore: readonly string[] = []): RemoteEdge =>
  remoteSource(
    {
      name: key,
      async fetch({ follower }) {
        await using receiving = await contexts.receive(key, follower)
        await send(receiving)
        return await receiving.commit()
      },
    },
    ignore,
  )

const all: CopyAction = {
  kind: 'copy',
  paths: ['.'],
  destination: '/srv/app/',
  keepOwner: false,
  unpack: false,
  parents: false,
  exclude: [],
  fromContext: true,
}

interface Outcome {
  /** The layer that was made while the context came; undefined: none was. */
  readonly followed: string | undefined
  /** The same, made when all was there. */
  readonly whole: string | undefined
}

/** Copies a context while it comes, and once more when it is there. */
const copy = async (remote: RemoteEdge, { action = all, isWanted = true, ignore = [] as readonly string[] } = {}) => {
  const { worker } = made
  const { signal } = new AbortController()
  await using stack = new AsyncDisposableStack()
  const context: OpContext = {
    worker,
    signal,
    hold: () => undefined,
    onEnd: (cleanup) => stack.defer(cleanup),
    onRunning: () => undefined,
    onOutput: () => undefined,
  }
  const solve = solverOf(worker).session({
    noCache: true,
    signal,
    observer: { onStarted() {}, onRunning() {}, onOutput() {} },
  })
  stack.use(solve)
  const { vertex } = changeFiles(base, [action], remote.edge)
  let fetched: Promise<Result> | undefined
  const fetchOnce = (): Promise<Result> => {
    fetched ??= remote.edge.vertex.op.run([], context).then(([result]) => result as Result)
    return fetched
  }
  const inputs = [
    { vertex: base.vertex, result: () => solve.result(base) },
    { vertex: remote.edge.vertex, result: fetchOnce },
  ]
  await using ahead = vertex.op.ahead?.(inputs, context, isWanted)
  const source = await fetchOnce()
  await using layer = (await ahead?.take()) ?? null
  if (source.kind !== 'files') throw new Error('unreachable')
  const again = await solve.result(changeFiles(base, [action], localSource(source.source, ignore)))
  const whole = again.kind === 'layers' ? again.layers.at(-1) : undefined
  return { followed: layer?.diffId, whole } satisfies Outcome
}

const noStrays = async (): Promise<void> => assert.deepEqual(await made.worker.snapshots.strays(), [])

/** Names whose order differs with and without their directory, and beyond ASCII. */
const names = ['a', 'a-b', 'b', 'é', '\u{1f600}']
const contents = ['', 'x', 'y', 'xyz'.repeat(50_000), 'y'.repeat(1_200_000)]
const change = fc.record({
  at: fc.array(fc.constantFrom(...names.slice(0, 3)), { maxLength: 2 }),
  name: fc.constantFrom(...names),
  content: fc.option(fc.constantFrom(...contents), { nil: undefined }),
})

/** Directories end in `d`, so that nothing is both. */
const changed = (
  files: Files,
  { at, name, content }: typeof change extends fc.Arbitrary<infer T> ? T : never,
): Files => {
  const above = at.map((_, end) =>
    at
      .slice(0, end + 1)
      .map((each) => `${each}d`)
      .join('/'),
  )
  const path = [...above.slice(-1), name].join('/')
  const { [path]: _, ...others } = files
  if (content === undefined) return others
  return { ...others, ...Object.fromEntries(above.map((each) => [each, null])), [path]: content }
}

test('a layer made while its context comes is the one that is made when all is there', async () => {
  let files: Files = { a: 'x', ad: null, 'ad/b': 'y' }
  let followed = 0
  const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
    files = changes.reduce(changed, files)
    const entries = inWalkOrder(files)
    const outcome = await copy(remoteOf('property', (receiving) => sendAll(receiving, entries)))
    assert.equal(outcome.followed, outcome.whole)
    if (outcome.followed !== undefined) followed += 1
  })
  await fc.assert(property, { numRuns: 25 })
  assert.equal(followed, 25)
  await noStrays()
})

test('--chown, --chmod, another destination and a user of the image are the same on both ways', async () => {
  const files = inWalkOrder({ a: 'x', d: null, 'd/b': 'y' })
  const asked: readonly Partial<CopyAction>[] = [
    { owner: 'web:staff' },
    { mode: 'u=rwX,go=' },
    { destination: '/' },
    { destination: '/etc' },
    { keepOwner: true },
  ]
  for (const each of asked) {
    const { followed, whole } = await copy(
      remoteOf('asked', (receiving) => sendAll(receiving, files)),
      { action: { ...all, ...each } },
    )
    assert.ok(whole !== undefined && followed === whole, JSON.stringify(each))
  }
})

test('nothing is begun while nothing is new', async () => {
  const send = (files: Files) =>
    copy(
      remoteOf('news', (r) => sendAll(r, inWalkOrder(files))),
      { isWanted: false },
    )
  const files = { a: 'x', d: null, 'd/b': 'x' }
  const [first, same, other] = [await send(files), await send(files), await send({ ...files, 'd/b': 'y' })]
  assert.equal(first.followed, first.whole)
  assert.equal(same.followed, undefined)
  assert.equal(other.followed, other.whole)
  assert.notEqual(other.whole, first.whole)
})

test('what can’t be copied as it comes is copied when it is there', async () => {
  const cases: Readonly<
    Record<string, { readonly files: Files; readonly isReversed?: true; readonly ignore?: string[] }>
  > = {
    'several names': { files: { a: 'x', b: { link: 'a' } } },
    'another order': { files: { a: 'x', b: 'y', c: 'x' }, isReversed: true },
    'something that is ignored': { files: { a: 'x', b: 'y' }, ignore: ['b'] },
  }
  for (const [name, { files, isReversed, ignore = [] }] of Object.entries(cases)) {
    const entries = inWalkOrder(files)
    const sent = isReversed ? entries.toReversed() : entries
    const remote = remoteOf(name, (receiving) => sendAll(receiving, sent), ignore)
    const { followed, whole } = await copy(remote, { ignore })
    assert.equal(followed, undefined, name)
    assert.ok(whole !== undefined, name)
  }
  const onFile = await copy(
    remoteOf('a file is there', (receiving) => sendAll(receiving, inWalkOrder({ passwd: 'x' }))),
    { action: { ...all, destination: '/etc' } },
  )
  assert.deepEqual([onFile.followed, onFile.whole !== undefined], [undefined, true])
  await noStrays()
})

test('a client that goes away, or sends something else than it said, leaves nothing', async () => {
  const big = 'y'.repeat(3_000_000)
  const entries = inWalkOrder({ a: 'x', b: big, c: 'x' })
  const sends: Readonly<Record<string, Send>> = {
    'gone away': async (receiving) => {
      await sendAll(receiving, entries.slice(0, 2))
      throw new Error('gone away')
    },
    'were not sent': async (receiving) => {
      receiving.entry(entryOf('a', 'x', 1), Buffer.from('a'))
    },
    'grew while it was sent': async (receiving) => {
      await sendAll(receiving, entries)
      receiving.entry(entryOf('d', 'x', 1), Buffer.from('d'))
      void receiving.data(3, Buffer.from('xx'))
    },
    'shrank while it was sent': async (receiving) => {
      receiving.entry(entryOf('d', 'xx', 1), Buffer.from('d'))
      void receiving.data(0, Buffer.from('x'))
      receiving.end(0)
    },
  }
  for (const [message, send] of Object.entries(sends)) {
    await assert.rejects(copy(remoteOf(message, send)), new RegExp(message))
    await noStrays()
  }
})
