import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { duplexPair } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { digestOf, hasCode } from '@slipway/core'
import { sessionMethods } from '../messages/session.ts'
import { bytesMessage } from '../messages/worker.ts'
import { contentSize, readContent } from '../session/content-store.ts'
import { agentAt, offerAgents } from './agents.ts'
import { offerCredentials } from './credentials.ts'
import { offerLayouts } from './layouts.ts'
import { mostSecretBytes, offerSecrets } from './secrets.ts'
import { sessionWith } from './testing/session.ts'
import { offerUploads } from './upload.ts'

const signal = new AbortController().signal

const makeDirectory = async (t: TestContext): Promise<string> => {
  const root = await mkdtemp(join(tmpdir(), 'swt-offer-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  return root
}

test('a secret is read when it is asked for; others are not there', async (t) => {
  const path = join(await makeDirectory(t), 'key')
  using session = sessionWith(
    offerSecrets(
      new Map([
        ['file', { path }],
        ['value', { value: 'hush' }],
      ]),
    ),
  )
  const secret = async (id: string) => (await session.secret(id, signal))?.toString()
  await writeFile(path, 'one')
  assert.equal(await secret('file'), 'one')
  await writeFile(path, 'two')
  assert.equal(await secret('file'), 'two')
  assert.equal(await secret('value'), 'hush')
  assert.equal(await secret('none'), undefined)
  await writeFile(path, Buffer.alloc(mostSecretBytes))
  assert.equal((await session.secret('file', signal))?.length, mostSecretBytes)
  await writeFile(path, Buffer.alloc(mostSecretBytes + 1))
  await assert.rejects(secret('file'), /invalid secret size/)
})

test('an agent is talked to as if it were here', async (t) => {
  const path = join(await makeDirectory(t), 'agent')
  const agent = createServer((socket) => socket.on('data', (bytes) => socket.end(`you said ${bytes}`)))
  await new Promise<void>((resolve) => agent.listen(path, resolve))
  t.after(() => agent.close())
  using session = sessionWith(offerAgents(new Map([['default', agentAt(path)]])))
  assert.equal(await session.hasAgent('', signal), true)
  assert.equal(await session.hasAgent('default', signal), true)
  assert.equal(await session.hasAgent('other', signal), false)
  const [ours, theirs] = duplexPair()
  session.connectAgent('default', theirs, signal)
  ours.write('hello')
  assert.equal(await text(ours), 'you said hello')
})

test('of all logins the one is told that is asked for', async () => {
  const asked: string[] = []
  using session = sessionWith(
    offerCredentials(async (host) => {
      asked.push(host)
      return host === 'known' ? { username: 'u', secret: 's' } : undefined
    }),
  )
  assert.deepEqual({ ...(await session.credentials('known', signal)) }, { username: 'u', secret: 's' })
  assert.equal(await session.credentials('unknown', signal), undefined)
  assert.deepEqual(asked, ['known', 'unknown'])
})

test('a stream is taken by its name', async () => {
  const parts = (async function* () {
    yield Buffer.from('con')
    yield Buffer.from('text')
  })()
  using session = sessionWith(offerUploads(new Map([['it', parts]])))
  const pull = (urlpath: string) => {
    const conversation = session.client.open(sessionMethods.upload, signal, { urlpath })
    conversation.finish()
    return Array.fromAsync(conversation.messages, (message) =>
      Buffer.from(bytesMessage.decode(message).data).toString(),
    )
  }
  assert.equal((await pull('/it')).join(''), 'context')
  await assert.rejects(pull('/other'), (error: unknown) => hasCode(error, 'not-found'))
})

test('blobs of a layout are read whole and in part; nothing else of the disk is', async (t) => {
  const root = await makeDirectory(t)
  const digest = digestOf('0123456789')
  const path = join(root, 'blobs', digest.replace(':', '/'))
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, '0123456789')
  await writeFile(join(root, 'index.json'), '{}')
  using session = sessionWith(offerLayouts(new Map([['oci:here', root]])))
  const read = async (start: number, end: number) =>
    Buffer.concat(await Array.fromAsync(readContent(session, 'oci:here', { digest, range: { start, end } }, signal)))
  assert.equal(await contentSize(session, 'oci:here', digest, signal), 10)
  assert.equal(String(await read(0, 10)), '0123456789')
  assert.equal(String(await read(3, 7)), '3456')
  const isMissing = (error: unknown): boolean => hasCode(error, 'not-found')
  await assert.rejects(contentSize(session, 'oci:else', digest, signal), isMissing)
  await assert.rejects(contentSize(session, 'oci:here', digestOf('x'), signal), isMissing)
  const outside = 'sha256:../../index.json' as typeof digest
  await assert.rejects(contentSize(session, 'oci:here', outside, signal), isMissing)
})
