import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { findFirstBinary } from '@slipway/linux'
import { TestEngine } from '../harness/engine.ts'
import { dockerPlugins, dockerProgram, plainEnvironment } from '../harness/place.ts'
import { openScratch } from '../harness/scratch.ts'
import { buildCases, type CaseResult, isFailing } from './cases/build.ts'
import { differences, expectedOf } from './cases/differences.ts'
import { cases } from './cases/index.ts'

const recorded = JSON.parse(await readFile(join(import.meta.dirname, 'cases/recorded.json'), 'utf8')) as Readonly<
  Record<string, CaseResult>
>

test('what real BuildKit made of a Dockerfile, we make of it', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  const home = join(scratch.path, 'client')
  const directory = join(scratch.path, 'cases')
  for (const path of [home, directory]) await mkdir(path)
  await writeFile(join(home, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [dockerPlugins] }))
  const env = { ...plainEnvironment(), DOCKER_HOST: engine.host, HOME: home, DOCKER_CONFIG: home }
  const busybox = findFirstBinary('busybox-static', 'busybox') ?? assert.fail('busybox is not installed')
  const results = await buildCases(cases, { program: dockerProgram, env, directory, busybox })
  for (const one of cases) {
    await t.test(one.name, () => {
      const expected = recorded[one.name] ?? assert.fail('nothing is recorded: run bench/peers/record-builds.ts')
      const result = results.get(one.name) ?? assert.fail('it was not built')
      assert.deepEqual(result, expectedOf(one.name, expected))
      if (differences[one.name] !== undefined) assert.notDeepEqual(result, expected, 'it does not differ any more')
      assert.equal('error' in result, isFailing(one))
    })
  }
})
