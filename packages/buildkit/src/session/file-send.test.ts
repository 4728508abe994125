import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Method } from '../grpc/method.ts'
import { packet, packetType } from '../messages/fsutil.ts'
import { sessionMethods } from '../messages/session.ts'
import { sessionWith } from '../offer/testing/session.ts'
import { sendFiles } from './file-send.ts'

const { signal } = new AbortController()

/** A client that waits for all entries, asks for these files, and keeps what comes. */
const clientAsking = (ids: readonly number[]) => {
  const told: string[] = []
  const came = new Map<number, Buffer[]>()
  const take: Method = async function* (messages) {
    let left = ids.length
    for await (const batch of messages.batches) {
      for (const message of batch) {
        const { type, stat, id, data } = packet.decode(message)
        if (type === packetType.stat && stat !== undefined) told.push(stat.path)
        else if (type === packetType.stat)
          yield ids.map((each) => packet.encode({ type: packetType.request, id: each }))
        else if (type === packetType.data) {
          came.set(id, [...(came.get(id) ?? []), Buffer.from(data)])
          if (data.length === 0) left -= 1
          if (left === 0) yield [packet.encode({ type: packetType.finished })]
        }
      }
    }
  }
  const session = sessionWith({ [sessionMethods.fileSend]: take })
  return { told, contentOf: (id: number) => Buffer.concat(came.get(id) ?? []), session }
}

test('files leave whole, small ones and large ones, however many', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'swt-send-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  const contents = Array.from({ length: 450 }, (_, file) => Buffer.alloc(file * file * 3, `file ${file} `))
  for (const [file, bytes] of contents.entries()) await writeFile(join(root, String(file).padStart(3, '0')), bytes)
  const { told, contentOf, session } = clientAsking(contents.map((_, file) => file))
  using _ = session
  await sendFiles(session, root, { exporter: 0, signal })
  assert.equal(told.length, contents.length)
  for (const [file, bytes] of contents.entries()) assert.ok(contentOf(file).equals(bytes), String(file))
})

test('a client that asks for what has no contents is refused, and nobody waits for a pipe', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'swt-send-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  execFileSync('mkfifo', [join(root, 'pipe')])
  for (const id of [0, 1]) {
    const { session } = clientAsking([id])
    using _ = session
    await assert.rejects(sendFiles(session, root, { exporter: 0, signal }), /asked for file \d, and there is none/)
  }
})
