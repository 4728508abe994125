import assert from 'node:assert/strict'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Client } from '../harness/client.ts'
import { openScratch } from '../harness/scratch.ts'
import { makeTar } from '../harness/tar.ts'

test('contexts travel as a tar between docker and slipway', async (t) => {
  await using scratch = await openScratch()
  const at = (name: string): string => join(scratch.path, name)
  const host = 'unix:///nowhere.sock'
  const [docker, slipway] = (['docker', 'slipway'] as const).map((name) => new Client(name, host, scratch.path))
  assert.ok(docker && slipway)
  const clients: readonly Client[] = [docker, slipway]
  const pem = (name: string): string => join(import.meta.dirname, '../api/certificates', name)
  const endpoint = `host=tcp://engine.example:2376,ca=${pem('ca.pem')},cert=${pem('client.pem')},key=${pem('client.key')}`
  await slipway.ok(['context', 'create', 'far', '--description', 'far away', '--docker', endpoint])

  const shown = async (client: Client, name: string): Promise<string> =>
    await client.ok(['context', 'inspect', '-f', '{{json .Endpoints}} {{json .TLSMaterial}}', name])
  const pems = async (): Promise<number> => {
    const all = await readdir(at('docker-config/contexts/tls'), { recursive: true })
    const texts = await Promise.all(
      all
        .filter((path) => path.endsWith('key.pem'))
        .map((path) => readFile(at(`docker-config/contexts/tls/${path}`), 'utf8')),
    )
    return texts.filter((text) => text === texts[0]).length
  }

  await t.test('ours is read by docker, and docker’s by us', async () => {
    await slipway.ok(['context', 'export', 'far', at('ours.tar')])
    assert.equal((await stat(at('ours.tar'))).mode & 0o777, 0o600)
    assert.equal(await docker.ok(['context', 'import', 'theirs', at('ours.tar')]), 'theirs')
    await docker.ok(['context', 'export', 'theirs', at('theirs.tar')])
    assert.equal(await slipway.ok(['context', 'import', 'back', at('theirs.tar')]), 'back')
    const input = await readFile(at('ours.tar'))
    assert.equal(await slipway.ok(['context', 'import', 'piped', '-'], { input }), 'piped')
    for (const name of ['theirs', 'back', 'piped']) {
      for (const each of clients) assert.equal(await shown(each, name), await shown(each, 'far'))
    }
    assert.equal(await pems(), 4)
    assert.match(await docker.ok(['context', 'ls', '--format', '{{.Name}}: {{.Description}}']), /back: far away\n/)
  })

  await t.test('what is there already, and what is no context, is refused', async () => {
    const refusal = async (...words: readonly string[]): Promise<string> =>
      (await slipway.fails(['context', ...words])).message
    assert.equal(await refusal('export', 'far', at('ours.tar')), `open ${at('ours.tar')}: file exists`)
    assert.equal(await refusal('import', 'far', at('ours.tar')), 'context "far" already exists')
    const cases: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
      [{ 'x/y': '' }, /^x\/y: unexpected context file$/],
      [{ '../../ca.pem': '', 'meta.json': '{}' }, /unexpected context file$/],
      [{ 'tls/docker/../../evil': '', 'meta.json': '{}' }, /unexpected context file$/],
      [{ 'tls/docker/ca.pem': '' }, /^invalid context: no metadata found$/],
      [{ 'meta.json': '{' }, /^invalid context: /],
      [{ 'meta.json': '[]' }, /^invalid context: no metadata found$/],
    ]
    for (const [files, words] of cases) {
      const made = makeTar(Object.entries(files).map(([name, body]) => ({ name, body })))
      await writeFile(at('bad.tar'), made)
      assert.match(await refusal('import', 'bad', at('bad.tar')), words, JSON.stringify(files))
    }
    await writeFile(at('bad.zip'), 'PK\x03\x04 and so on')
    assert.match(await refusal('import', 'bad', at('bad.zip')), /zip archive is not read/)
  })
})
