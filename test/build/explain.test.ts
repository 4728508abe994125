import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { openScratch } from '../harness/scratch.ts'

const dockerfile = ['FROM busybox', 'ARG COLOUR', 'COPY . /data/', 'RUN echo $COLOUR > /colour', ''].join('\n')

const heading = 'Why each step was or was not cached:'

test('slipway build --explain says which file and which argument kept a step from the cache', async () => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const context = join(scratch.path, 'context')
  await mkdir(join(context, 'src'), { recursive: true })
  await writeFile(join(context, 'Dockerfile'), dockerfile)
  await writeFile(join(context, 'src/main.c'), 'int main;')
  const client = engine.client('slipway')
  const build = (...flags: readonly string[]) => client.run(['build', '-t', 'explained', ...flags, context])
  const explain = async (...flags: readonly string[]) => {
    const { code, stdout, stderr } = await build('--explain', ...flags)
    assert.equal(code, 0, `${stdout}${stderr}`)
    return stderr.slice(stderr.indexOf(heading) + heading.length)
  }
  assert.doesNotMatch((await build('--build-arg', 'COLOUR=red')).stderr, /Why each step/)
  assert.match(
    await explain('--build-arg', 'COLOUR=blue'),
    /^\n {2}2\/4 : ARG COLOUR\n {6}only the config[^\n]*\n {2}3\/4 : COPY \. \/data\/\n {6}cached[^\n]*\n {2}4\/4 : RUN [^\n]*\n {6}built: the argument COLOUR changed\n$/,
  )
  await writeFile(join(context, 'src/main.c'), 'int main, more;')
  assert.match(
    await explain('--build-arg', 'COLOUR=blue', '--quiet'),
    /COPY \. \/data\/\n {6}built: the file src\/main\.c changed\n {2}4\/4 : RUN [^\n]*\n {6}built: step 3 changed\n$/,
  )
  await client.ok(['builder', 'prune', '-f', '-a'])
  assert.match(await explain('--build-arg', 'COLOUR=blue', '--no-cache'), /the cache was not to be used/)
})
