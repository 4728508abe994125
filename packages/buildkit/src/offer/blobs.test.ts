import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { digestOf, hexOf } from '@slipway/core'
import { sessionMethods } from '../messages/session.ts'
import { writeContent } from '../session/content-store.ts'
import { offerBlobs } from './blobs.ts'
import { sessionWith } from './testing/session.ts'

const { signal } = new AbortController()
const blob = Buffer.alloc(3 << 20, 'bytes of a blob ')
const digest = digestOf(blob)

const open = async (t: TestContext) => {
  const root = await mkdtemp(join(tmpdir(), 'swt-blobs-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  const session = sessionWith(offerBlobs(new Map([['export', root]])))
  const names = async (folder: string): Promise<readonly string[]> => readdir(join(root, folder)).catch(() => [])
  return { root, session, names, [Symbol.dispose]: () => session[Symbol.dispose]() }
}

test('a blob is written into a layout, under its digest, as often as one likes', async (t) => {
  using layout = await open(t)
  for (const piece of [blob.length, 70_000]) {
    const pieces = Array.from({ length: Math.ceil(blob.length / piece) }, (_, index) =>
      blob.subarray(index * piece, (index + 1) * piece),
    )
    await writeContent(layout.session, 'export', { digest, size: blob.length }, pieces, signal)
  }
  const none = { digest: digestOf(''), size: 0 }
  await writeContent(layout.session, 'export', none, [], signal)
  assert.deepEqual((await layout.names('blobs/sha256')).toSorted(), [hexOf(digest), hexOf(none.digest)].toSorted())
  assert.deepEqual(await readFile(join(layout.root, 'blobs/sha256', hexOf(digest))), blob)
  assert.deepEqual(await layout.names('ingest'), [])
})

test('what isn’t what its digest says, or goes elsewhere, is refused and leaves nothing', async (t) => {
  using layout = await open(t)
  const write = (store: string, what: { digest: string; size: number }, bytes: Uint8Array) =>
    writeContent(layout.session, store, what as { digest: typeof digest; size: number }, [bytes], signal)
  await assert.rejects(write('export', { digest: digestOf('other'), size: blob.length }, blob), /came as sha256:/)
  await assert.rejects(write('export', { digest, size: blob.length + 1 }, blob), /in place of/)
  await assert.rejects(write('export', { digest: 'sha256:../../out', size: blob.length }, blob), /is no digest/)
  await assert.rejects(write('elsewhere', { digest, size: blob.length }, blob), /no such store/)
  assert.deepEqual([await layout.names('blobs/sha256'), await layout.names('ingest')], [[], []])
})

test('bytes that end with an error are no blob', async (t) => {
  using layout = await open(t)
  async function* half(): AsyncGenerator<Uint8Array> {
    yield blob.subarray(0, 1000)
    throw new Error('the disk is gone')
  }
  const written = writeContent(layout.session, 'export', { digest, size: blob.length }, half(), signal)
  await assert.rejects(written, /the disk is gone/)
  assert.deepEqual(await layout.names('blobs/sha256'), [])
})

test('a client that takes no blobs is told so', async () => {
  using session = sessionWith({})
  assert.equal(session.offers(sessionMethods.writeContent), false)
  await assert.rejects(writeContent(session, 'export', { digest, size: blob.length }, [blob], signal), /takes no blobs/)
})
