import assert from 'node:assert/strict'
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { packet, packetType } from '../messages/fsutil.ts'
import { sessionMethods } from '../messages/session.ts'
import { goModeOf } from '../session/file-mode.ts'
import { sendBytes, sendFiles } from '../session/file-send.ts'
import { offerOutputs } from './outputs.ts'
import { sessionWith } from './testing/session.ts'

const signal = new AbortController().signal

const makeDirectory = async (t: TestContext): Promise<string> => {
  const root = await mkdtemp(join(tmpdir(), 'swt-output-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  return root
}

test('a file comes as it was sent', async () => {
  let read: string | undefined
  const output = {
    kind: 'file' as const,
    async take(bytes: AsyncIterable<Uint8Array>) {
      read = await text(bytes)
    },
  }
  using session = sessionWith(offerOutputs(new Map([[2, output]])))
  const parts = (async function* () {
    yield Buffer.from('one ')
    yield Buffer.from('two')
  })()
  await sendBytes(session, parts, { exporter: 2, signal })
  assert.equal(read, 'one two')
  await assert.rejects(
    sendBytes(session, (async function* () {})(), { exporter: 0, signal }),
    /no output has the number 0/,
  )
})

test('a file that doesn’t come to its end is an error for who takes it', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  const output = {
    kind: 'file' as const,
    take: (bytes: AsyncIterable<Uint8Array>) => text(bytes).then(() => resolve(undefined), resolve),
  }
  const session = sessionWith(offerOutputs(new Map([[0, output]])))
  const parts = (async function* () {
    yield Buffer.from('one ')
    session[Symbol.dispose]()
  })()
  await sendBytes(session, parts, { exporter: 0, signal }).catch(() => undefined)
  assert.ok((await promise) instanceof Error)
})

test('a directory comes with modes, times and links; what else is there stays', async (t) => {
  const [source, target] = [await makeDirectory(t), await makeDirectory(t)]
  await mkdir(join(source, 'd/deep'), { recursive: true })
  await writeFile(join(source, 'd/deep/f'), 'x'.repeat(200_000))
  await chmod(join(source, 'd/deep/f'), 0o750)
  await symlink('../../..', join(source, 'd/up'))
  await writeFile(join(source, 'replaced'), 'new')
  await chmod(join(source, 'd'), 0o555)
  await utimes(join(source, 'd'), 1_600_000_000, 1_600_000_000)
  await writeFile(join(target, 'replaced'), 'old')
  await writeFile(join(target, 'stays'), '')
  using session = sessionWith(offerOutputs(new Map([[0, { kind: 'directory', path: join(target) }]])))
  await sendFiles(session, source, { exporter: 0, signal })
  assert.equal((await readFile(join(target, 'd/deep/f'))).length, 200_000)
  assert.equal((await lstat(join(target, 'd/deep/f'))).mode & 0o7777, 0o750)
  assert.equal(await readlink(join(target, 'd/up')), '../../..')
  assert.equal(await readFile(join(target, 'replaced'), 'utf8'), 'new')
  const directory = await lstat(join(target, 'd'))
  assert.deepEqual([directory.mode & 0o777, directory.mtimeMs], [0o555, 1_600_000_000_000])
  assert.deepEqual((await readdir(target)).sort(), ['d', 'replaced', 'stays'])
})

type Entry = Parameters<typeof packet.encode>[0]

/** Sends what a daemon wouldn't; resolves when the client ended the call. */
const sendEntries = async (target: string, entries: readonly Entry[]): Promise<void> => {
  using session = sessionWith(offerOutputs(new Map([[0, { kind: 'directory', path: target }]])))
  const conversation = session.client.open(sessionMethods.fileSend, signal)
  await conversation.send(...entries.map((entry) => packet.encode(entry)))
  conversation.finish()
  for await (const _ of conversation.messages);
}

const entry = (type: Parameters<typeof goModeOf>[0], path: string, linkname = ''): Entry => ({
  type: packetType.stat,
  stat: { path, mode: goModeOf(type, 0o755), linkname },
})

test('nothing is written outside of the directory', async (t) => {
  const [target, outside] = [await makeDirectory(t), await makeDirectory(t)]
  await assert.rejects(sendEntries(target, [entry('directory', '../x')]), /invalid path/)
  await assert.rejects(sendEntries(target, [entry('directory', '/x')]), /invalid path/)
  await assert.rejects(
    sendEntries(target, [entry('symlink', 'way', outside), entry('directory', 'way/in')]),
    /way\/in comes before its directory/,
  )
  await assert.rejects(
    sendEntries(target, [entry('directory', 'd'), entry('symlink', 'd', outside), entry('file', 'd/in')]),
    /d is told twice/,
  )
  // A symlink that was there before makes room for the directory of the same name.
  await symlink(outside, join(target, 'there'))
  await assert.rejects(
    sendEntries(target, [entry('directory', 'there'), entry('file', 'there/in')]),
    /not sent to its end/,
  )
  assert.equal((await lstat(join(target, 'there'))).isDirectory(), true)
  assert.deepEqual(await readdir(outside), [])
  assert.deepEqual(await readdir(join(target, 'there')), [])
  await assert.rejects(
    sendEntries(target, [entry('file', 'hard', '../../etc/hostname'), { type: packetType.stat }]),
    /invalid path/,
  )
})
