import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
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
