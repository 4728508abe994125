import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { dockerPlugins, dockerProgram, plainEnvironment } from '../harness/place.ts'
import { openScratch } from '../harness/scratch.ts'
import { askAll, type CallAnswer } from './calls/ask.ts'
import { callCases } from './calls/cases.ts'

const recorded = JSON.parse(await readFile(join(import.meta.dirname, 'calls/recorded.json'), 'utf8')) as Readonly<
  Record<string, CallAnswer>
>

/** The order in which warnings come says nothing. */
const inOrder = (answer: CallAnswer): CallAnswer => {
  const { warnings } = answer as { readonly warnings?: readonly unknown[] | null }
  if (!Array.isArray(warnings)) return answer
  return { ...answer, warnings: warnings.map((warning) => JSON.stringify(warning)).sort() }
}

const onlyOf = (answer: CallAnswer, rules: readonly string[]): CallAnswer => ({
  ...answer,
  warnings: (answer as { readonly warnings: readonly { readonly ruleName: string }[] }).warnings.filter(
    ({ ruleName }) => rules.includes(ruleName),
  ),
})

test('what real BuildKit answers to --check and --call, we answer', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  const home = join(scratch.path, 'client')
  const directory = join(scratch.path, 'calls')
  for (const path of [home, directory]) await mkdir(path)
  await writeFile(join(home, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [dockerPlugins] }))
  const env = { ...plainEnvironment(), DOCKER_HOST: engine.host, HOME: home, DOCKER_CONFIG: home }
  const answers = await askAll(callCases, { program: dockerProgram, env, directory })
  for (const { name, onlyRules } of callCases) {
    await t.test(name, () => {
      const expected = recorded[name] ?? assert.fail('nothing is recorded: run bench/peers/record-builds.ts')
      const answer = answers.get(name) ?? assert.fail('it was not asked')
      assert.deepEqual(inOrder(answer), inOrder(onlyRules === undefined ? expected : onlyOf(expected, onlyRules)))
    })
  }
})
