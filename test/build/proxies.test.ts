import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { Client, clientNames } from '../harness/client.ts'
import { TestEngine } from '../harness/engine.ts'
import { dockerPlugins } from '../harness/place.ts'
import { openScratch } from '../harness/scratch.ts'

const dockerfile = 'FROM busybox\nRUN env | grep -i _proxy= | sort | sed "s/^/seen:/"\nRUN true\n'

const seen = (text: string): readonly string[] => [...text.matchAll(/seen:(\w+=\S+)/g)].map(([, entry = '']) => entry)

test('the proxies of docker’s config file are in builds and containers, and in nothing that is kept', async () => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const root = join(scratch.path, 'context')
  await mkdir(root)
  await writeFile(join(root, 'Dockerfile'), dockerfile)
  const proxies = {
    default: { httpProxy: 'http://u:hush@others:1', ftpProxy: 'http://others:2' },
    [engine.host]: { httpProxy: 'http://u:hush@own:1', noProxy: 'localhost,.example' },
  }
  for (const name of clientNames) {
    const home = join(scratch.path, `client-${name}`)
    await mkdir(join(home, 'docker-config'), { recursive: true })
    const config = JSON.stringify({ cliPluginsExtraDirs: [dockerPlugins], proxies })
    await writeFile(join(home, 'docker-config/config.json'), config)
    for (const DOCKER_BUILDKIT of ['0', '1']) {
      const client = new Client(name, engine.host, home, { DOCKER_BUILDKIT })
      const told = await client.run(['build', '--no-cache', '--build-arg', 'HTTPS_PROXY=given', '-t', 'built', root])
      assert.equal(told.code, 0, told.stderr)
      const entries = seen(told.stdout + told.stderr)
      for (const entry of ['HTTPS_PROXY=given', 'NO_PROXY=localhost,.example', 'no_proxy=localhost,.example']) {
        assert.ok(entries.includes(entry), `${entry}: ${entries}`)
      }
      assert.ok(entries.includes('http_proxy=http://u:hush@own:1'))
      assert.ok(!entries.some((entry) => /ftp/i.test(entry)))
      const kept = await client.ok(['history', '--no-trunc', 'built'])
      assert.doesNotMatch(kept + (await client.ok(['image', 'inspect', 'built'])), /hush|_proxy=http/i)
    }
    const client = new Client(name, engine.host, home)
    const inside = await client.ok(['run', '--rm', '-e', 'HTTP_PROXY=given', 'busybox', 'env'])
    assert.deepEqual(
      inside
        .split('\n')
        .filter((line) => /_proxy=/i.test(line))
        .sort(),
      [
        'HTTP_PROXY=given',
        'NO_PROXY=localhost,.example',
        'http_proxy=http://u:hush@own:1',
        'no_proxy=localhost,.example',
      ],
    )
  }
})
