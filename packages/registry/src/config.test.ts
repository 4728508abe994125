import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readCommandLine } from './config.ts'

const configFile = async (t: TestContext, text: string): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-config-'))
  t.after(() => rm(directory, { recursive: true }))
  const path = join(directory, 'registry.json')
  await writeFile(path, text)
  return path
}

test('a flag wins over the environment, that over the file, and the file over the default', async (t) => {
  const path = await configFile(t, '{"listen": "127.0.0.1:1", "data-root": "/file"}')
  const file = ['--config-file', path]
  const environment = { SLIPWAY_REGISTRY_LISTEN: '127.0.0.1:2' }
  assert.equal((await readCommandLine([...file, '--listen', '127.0.0.1:3'], environment)).config.listen.port, 3)
  const { config } = await readCommandLine(file, environment)
  assert.deepEqual([config.listen, config.dataRoot], [{ host: '127.0.0.1', port: 2 }, '/file'])
  assert.equal(config.debug, false)
  assert.equal((await readCommandLine(file, {})).config.listen.port, 1)
})

test('a config file that is wrong is refused in a sentence', async (t) => {
  const cases = [
    ['{', /not valid JSON/],
    ['{"listn": ""}', /no setting "listn"/],
    ['{"debug": "yes"}', /debug must be a boolean/],
  ] as const
  for (const [text, message] of cases) {
    await assert.rejects(readCommandLine(['--config-file', await configFile(t, text)], {}), message)
  }
  await assert.rejects(readCommandLine(['--config-file', '/nowhere.json'], {}), /can't read the config file/)
})

test('an unknown flag or a bad address is refused', async () => {
  await assert.rejects(readCommandLine(['--lisen', 'x'], {}), /--lisen/)
  await assert.rejects(readCommandLine(['--listen', '5000'], {}), /invalid address/)
})
