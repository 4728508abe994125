import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { registryMain } from '../main.ts'
import { pushBlob, pushImage, startTestRegistry, type TestRegistry } from '../testing.ts'

/** Runs `slipway registry …` beside the registry, and returns what it printed. */
const administer = async (t: TestContext, { dataRoot }: TestRegistry, ...words: string[]): Promise<string> => {
  const printed: string[] = []
  const out = t.mock.method(process.stdout, 'write', (line: string) => printed.push(line))
  try {
    assert.equal(await registryMain([...words, '--data-root', dataRoot]), 0)
  } finally {
    out.mock.restore()
  }
  return printed.join('')
}

test('tags are looked back at and rolled back from the command line', async (t) => {
  await using registry = await startTestRegistry()
  const first = await pushImage(registry, 'user/app', 'v1')
  const second = await pushImage(registry, 'user/app', 'v1', { layer: 'newer' })
  const history = await administer(t, registry, 'tag', 'history', 'user/app', 'v1')
  assert.deepEqual(
    history
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[1]),
    [second.digest, first.digest],
  )
  assert.equal(await administer(t, registry, 'tag', 'rollback', 'user/app', 'v1'), `${first.digest}\n`)
  assert.equal(await (await registry.call('GET', '/v2/user/app/manifests/v1')).text(), first.text)
  await administer(t, registry, 'tag', 'rollback', 'user/app', 'v1', second.digest)
  assert.equal(await (await registry.call('GET', '/v2/user/app/manifests/v1')).text(), second.text)
})

test('a repository is deleted and undeleted from the command line', async (t) => {
  await using registry = await startTestRegistry()
  const { digest, text } = await pushImage(registry, 'user/app', 'v1')
  await administer(t, registry, 'repository', 'delete', 'user/app')
  assert.equal((await registry.call('GET', '/v2/user/app/manifests/v1')).status, 404)
  assert.match(await administer(t, registry, 'repository', 'trash', 'user/app'), new RegExp(`\\t${digest}\\t`))
  assert.equal(await administer(t, registry, 'undelete', 'user/app'), `${digest}\n`)
  assert.equal(await (await registry.call('GET', '/v2/user/app/manifests/v1')).text(), text)
})

test('garbage is collected from the command line, and the status tells of it', async (t) => {
  await using registry = await startTestRegistry({ retention: { unreferencedMs: 0 }, collectEveryMs: 1_000_000 })
  await registry.call('POST', '/api/v1/gc/run')
  await pushBlob(registry, 'user/app', 'nobody needs this')
  assert.match(await administer(t, registry, 'gc', 'run'), /^1 reviewed, 1 collected, 0 failed, 0 bytes freed\n/)
  const status = await administer(t, registry, 'gc', 'status')
  assert.match(status, /^object\t1\t0\t0\t17\tin 1[45]m/m)
  assert.match(status, /^blob\t1\t1\t0$/m)
  assert.equal(await administer(t, registry, 'check', '--sample', '50'), 'Everything is as it should be.\n')
})

test('what check and the others are asked wrongly is told in one line', async (t) => {
  await using registry = await startTestRegistry()
  const told: string[] = []
  t.mock.method(process.stderr, 'write', (line: string) => told.push(line))
  for (const words of [
    ['check', '--sample', '101'],
    ['check', '--orphan-age', 'old'],
    ['undelete', 'UPPER'],
    ['undelete', 'user/app', 'sha256:short'],
    ['tag', 'history', 'user/app'],
    ['tag', 'rollback', 'user/app', '-v1'],
    ['gc'],
  ]) {
    assert.equal(await registryMain([...words, '--data-root', registry.dataRoot]), 2, words.join(' '))
    assert.match(told.pop() ?? '', /^slipway registry: [^\n]+\n$/)
  }
})
