import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEngine } from './harness/engine.ts'
import { pageAt } from './harness/page.ts'
import { eventually } from './harness/patience.ts'
import { run } from './harness/run.ts'
import { openScratch } from './harness/scratch.ts'

const forEver = ['busybox', 'sh', '-c', 'echo up; while sleep 1; do :; done']
const serve = ['busybox', 'sh', '-c', 'mkdir -p /www; echo hello > /www/index.html; exec httpd -f -p 8080 -h /www']

/** Name, policy, and whether somebody stops it before: what docker's documentation says of each. */
const containers: readonly { name: string; flags: readonly string[]; stopped?: boolean; after: string }[] = [
  { name: 'no-policy', flags: [], after: 'exited 255' },
  { name: 'always', flags: ['--restart=always'], after: 'running' },
  { name: 'always-stopped', flags: ['--restart=always'], stopped: true, after: 'running' },
  { name: 'unless-stopped', flags: ['--restart=unless-stopped'], after: 'running' },
  { name: 'unless-stopped-stopped', flags: ['--restart=unless-stopped'], stopped: true, after: 'exited 137' },
  { name: 'on-failure', flags: ['--restart=on-failure:3'], after: 'running' },
]

test('after a reboot', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const client = engine.client()
  const stateOf = async (name: string): Promise<string> => {
    const state = await client.ok(['inspect', '--format', '{{.State.Status}} {{.State.ExitCode}}', name])
    return state.startsWith('running') ? 'running' : state
  }

  const bridge = `br-${(await client.ok(['network', 'create', 'own'])).slice(0, 12)}`
  await client.ok(['run', '-d', '--name', 'web', '--network=own', '--restart=always', '-p', '8080', ...serve])
  await client.ok(['run', '-d', '--rm', '--name', 'passing', ...forEver])
  for (const { name, flags, stopped } of containers) {
    await client.ok(['run', '-d', '--name', name, '-v', 'shared:/data', ...flags, ...forEver])
    await client.ok(['exec', name, 'sh', '-c', `echo layer > /kept; echo volume > /data/${name}`])
    if (stopped) await client.ok(['kill', name])
  }
  await engine.losePower()
  await t.test('nothing of its networks is left', async () => {
    assert.notEqual((await run('ip', ['link', 'show', bridge])).code, 0)
    assert.notEqual((await run('nft', ['list', 'table', 'ip', bridge])).code, 0)
  })
  await engine.start()

  for (const { name, after } of containers) {
    await t.test(`${name} is ${after}`, async () => {
      await eventually(`${name} is ${after}`, async () => (await stateOf(name)) === after)
    })
  }

  await t.test('what was published is reachable at its port, and found by its name', async () => {
    const [address = ''] = await eventually('it has a port', async () => {
      const { code, stdout } = await client.run(['port', 'web', '8080'])
      return code === 0 && stdout.split('\n')
    })
    const port = address.split(':')[1]
    const page = await eventually('the page', () => pageAt(`http://127.0.0.1:${port}/`).catch(() => undefined))
    assert.equal(page, 'hello\n')
    const fetched = await client.ok(['run', '--rm', '--network=own', 'busybox', 'wget', '-qO-', 'http://web:8080/'])
    assert.equal(fetched, 'hello')
  })

  await t.test('files, volumes and logs are as they were', async () => {
    assert.equal(await client.ok(['exec', 'always', 'cat', '/kept', '/data/no-policy']), 'layer\nvolume')
    assert.match(await client.ok(['logs', 'no-policy']), /^up$/)
    await eventually('it has logged again', async () => (await client.ok(['logs', 'always'])) === 'up\nup')
  })

  await t.test('what was to be removed at its end is gone', async () => {
    const { message } = await client.fails(['inspect', 'passing'])
    assert.match(message, /No such object/i)
  })

  await t.test('what has ended can be started again', async () => {
    await client.ok(['start', 'no-policy'])
    assert.equal(await client.ok(['exec', 'no-policy', 'cat', '/kept']), 'layer')
  })
})
