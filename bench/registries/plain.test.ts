import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { digestOf } from '@slipway/core'
import { ask, connect, pushBlob, pushSmallImage } from './push.ts'
import { freePort, startServer } from './server.ts'

test('the server that stands for the limit takes what a registry takes, and gives it back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-plain-'))
  try {
    const port = await freePort()
    const command = [process.execPath, join(import.meta.dirname, 'plain.ts'), String(port), directory]
    await using server = await startServer({ command, log: join(directory, 'log'), port })
    using to = connect(server.host, 2)
    const digest = await pushSmallImage(to, 'bench/test', 'latest')
    const byDigest = await ask(to, `/v2/bench/test/manifests/${digest}`, 200)
    assert.equal(digestOf(byDigest.body), digest)
    const bytes = Buffer.alloc(300_000, 'bytes')
    await pushBlob(to, 'bench/test', bytes)
    const { body } = await ask(to, `/v2/bench/test/blobs/${digestOf(bytes)}`, 200)
    assert.ok(body.equals(bytes))
    await assert.rejects(pushBlob(to, 'bench/test', bytes, digestOf('other bytes')), /: 400/)
    assert.ok((await readdir(directory)).includes(digestOf(bytes)))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
