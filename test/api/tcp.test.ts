import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { dockerProgram, slipwayProgram } from '../harness/place.ts'
import { freePort } from '../harness/port.ts'
import { type RunOptions, run } from '../harness/run.ts'
import { openScratch } from '../harness/scratch.ts'

const certificate = (name: string): string => join(import.meta.dirname, 'certificates', name)

const clientFlags = (name: string): readonly string[] => [
  ...['--tlscacert', certificate('ca.pem')],
  ...['--tlscert', certificate(`${name}.pem`), '--tlskey', certificate(`${name}.key`)],
]

test('an engine on TCP lets in clients with a certificate, and nobody else', async () => {
  await using scratch = await openScratch()
  const host = `tcp://127.0.0.1:${await freePort()}`
  const args = ['--host', host, '--tlsverify', ...clientFlags('server')]
  await using engine = await TestEngine.start(scratch, { args })
  await engine.addBusybox()
  const docker = (client: string, words: readonly string[], options: RunOptions = {}) =>
    run(dockerProgram, ['-H', host, '--tlsverify', ...clientFlags(client), ...words], {
      env: { ...process.env, DOCKER_CONFIG: scratch.path },
      ...options,
    })

  const said = await docker('client', ['run', '--rm', 'busybox', 'echo', 'hello'])
  assert.deepEqual(said, { code: 0, stdout: 'hello\n', stderr: '' })
  // Both directions at once, and a half-closed one: more than all buffers on the way hold.
  const input = Buffer.alloc(3_000_000, 'x')
  const counted = await docker('client', ['run', '--rm', '-i', 'busybox', 'wc', '-c'], { input })
  assert.deepEqual(counted, { code: 0, stdout: '3000000\n', stderr: '' })

  const stranger = await docker('stranger', ['ps'])
  assert.notEqual(stranger.code, 0)
  assert.match(stranger.stderr, /certificate/)
  const bare = await run(dockerProgram, ['-H', host, 'ps'], { env: { ...process.env, DOCKER_CONFIG: scratch.path } })
  assert.notEqual(bare.code, 0)
  assert.equal(await engine.client().ok(['ps', '-aq']), '')
})

test('an engine refuses TCP without TLS, and warns when it is made to', async () => {
  await using scratch = await openScratch()
  const host = `tcp://127.0.0.1:${await freePort()}`
  const refused = await run(slipwayProgram, ['engine', '--host', host, '--data-root', scratch.path])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /refusing to listen on tcp:\/\/127\.0\.0\.1:\d+ without TLS/)

  await using engine = await TestEngine.start(scratch, { args: ['--host', host, '--allow-plain-tcp'] })
  const answer = await fetch(`${host.replace('tcp', 'http')}/info`)
  const { Warnings } = (await answer.json()) as { readonly Warnings: readonly string[] }
  assert.match(Warnings[0] ?? '', /API is accessible on tcp:\/\/127\.0\.0\.1:\d+ without encryption/)
  assert.match(engine.log, /"level":"warn".*without encryption/)
})
