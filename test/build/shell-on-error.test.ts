import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Client } from '../harness/client.ts'
import { TestEngine } from '../harness/engine.ts'
import { openScratch } from '../harness/scratch.ts'

const dockerfile = [
  'FROM busybox',
  'ARG COLOUR=red',
  'WORKDIR /work',
  'RUN echo done > done',
  'RUN echo half > half && exit 3',
  '',
].join('\n')

test('slipway build --shell-on-error opens a shell where the step failed', async () => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const context = join(scratch.path, 'context')
  await mkdir(context)
  await writeFile(join(context, 'Dockerfile'), dockerfile)
  const client = engine.client('slipway')
  const before = await client.ok(['images', '-aq'])
  const input = 'cat done half; echo "$COLOUR in $(pwd)"; exit 9\n'
  const { code, stdout, stderr } = await client.run(['build', '--shell-on-error', context], { input })
  assert.equal(code, 3, `${stdout}${stderr}`)
  assert.match(stdout, /\ndone\nhalf\nred in \/work\n$/)
  assert.match(stderr, /returned a non-zero code: 3[\s\S]*A shell where the step failed/)
  assert.equal(await client.ok(['ps', '-aq']), '')
  // What the shell stood in is gone; the states before the step stay, as they always do.
  const plain = await client.run(['build', context])
  assert.equal(plain.code, 3)
  assert.doesNotMatch(plain.stderr, /shell/)
  assert.equal((await client.ok(['images', '-aq'])).split('\n').length, before.split('\n').length + 3)
})

test('through BuildKit’s door it does the same, and the secrets of the step are not in what it left', async () => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const context = join(scratch.path, 'context')
  await mkdir(context)
  const step = 'RUN --mount=type=secret,id=KEY,required cat /run/secrets/KEY > /dev/null; echo half > half && exit 3\n'
  await writeFile(join(context, 'Dockerfile'), dockerfile.replace(/RUN echo half.*\n/, step))
  const client = new Client('slipway', engine.host, scratch.path, { DOCKER_BUILDKIT: '1', KEY: 'hush' })
  const before = await client.ok(['images', '-aq'])
  const input = 'cat done half; echo "$COLOUR in $(pwd)"; cat /run/secrets/*; exit 9\n'
  const flags = ['--shell-on-error', '--secret', 'id=KEY']
  const { code, stdout, stderr } = await client.run(['build', ...flags, context], { input })
  assert.equal(code, 1, `${stdout}${stderr}`)
  assert.match(stdout, /^done\nhalf\nred in \/work\n$/)
  assert.match(stderr, /did not complete successfully: exit code: 3\nA shell where the step failed/)
  assert.equal(await client.ok(['ps', '-aq']), '')
  assert.equal(await client.ok(['images', '-aq']), before)
})
