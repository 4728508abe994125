import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasCode } from '@slipway/core'
import type { PackJob } from './jobs.ts'
import { packInThread } from './pool.ts'

/** A file of 8 MiB is copied; there are no others. */
const openJob = async (path: string): Promise<{ readonly job: PackJob } & AsyncDisposable> => {
  const root = await mkdtemp(join(tmpdir(), 'slipway-pool-'))
  const source = await mkdtemp(join(tmpdir(), 'slipway-pool-'))
  await writeFile(join(source, 'large'), Buffer.alloc(8 << 20, 'x'))
  const copy = {
    kind: 'copy',
    tree: { source: { kind: 'directory', path: source }, ignore: [], isContext: true },
    paths: [path],
    destination: '/',
    keepOwner: false,
    exclude: [],
    parents: false,
    archives: [],
  } as const
  return {
    job: { kind: 'pack', root, changes: [copy] },
    async [Symbol.asyncDispose]() {
      for (const each of [root, source]) await rm(each, { recursive: true })
    },
  }
}

const { signal } = new AbortController()

test('a layer comes from its thread piece by piece', async () => {
  await using opened = await openJob('large')
  await using packed = packInThread(opened.job, signal)
  let size = 0
  for await (const piece of packed.bytes) size += piece.length
  assert.ok(size > 8 << 20)
})

test('what goes wrong in the thread is told to who reads', async () => {
  await using opened = await openJob('missing')
  await using packed = packInThread(opened.job, signal)
  await assert.rejects(
    Array.fromAsync(packed.bytes),
    (error) => hasCode(error, 'invalid') && /missing/.test(String(error)),
  )
})

test('who reads no further, or not at all, lets the thread go', async () => {
  await using opened = await openJob('large')
  for (const pieces of [0, 1]) {
    await using packed = packInThread(opened.job, signal)
    if (pieces > 0) for await (const _ of packed.bytes) break
  }
  // More of them than there are threads.
  for (let number = 0; number < 5; number += 1) await packInThread(opened.job, signal)[Symbol.asyncDispose]()
})
