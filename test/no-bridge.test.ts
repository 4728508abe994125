import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from './harness/engine.ts'
import { inNetns } from './harness/leftovers.ts'
import { eventually } from './harness/patience.ts'
import { run } from './harness/run.ts'
import { openScratch, type Scratch } from './harness/scratch.ts'

/** A machine of its own, as far as links and rules go. */
const makeNetns = async (scratch: Scratch): Promise<string> => {
  const path = join(scratch.path, 'netns')
  await writeFile(path, '')
  assert.equal((await run('unshare', [`--net=${path}`, 'ip', 'link', 'set', 'lo', 'up'])).code, 0)
  return path
}

const page = 'mkdir -p /w && echo ahoy > /w/index.html && exec httpd -f -p 80 -h /w'

test('an engine without a default bridge', async (t) => {
  await using scratch = await openScratch()
  const netns = await makeNetns(scratch)
  const here = async (...words: readonly string[]): Promise<string> => (await inNetns(netns, words)).stdout
  await using engine = await TestEngine.start(scratch, { netns, withoutBridge: true })
  await engine.addBusybox()
  const docker = engine.client('docker')

  await t.test('has two networks, and no link', async () => {
    assert.equal(await docker.ok(['network', 'ls', '--format', '{{.Name}} {{.Driver}}']), 'host host\nnone null')
    const { message } = await docker.fails(['network', 'inspect', 'bridge'])
    assert.match(message, /network bridge not found/)
    assert.match((await docker.fails(['network', 'create', 'bridge'])).message, /predefined bridge network/)
    assert.doesNotMatch(await here('ip', '-o', 'link'), /none|slipway/)
  })

  await t.test('gives containers and steps of builds no network, whichever way they ask for it', async () => {
    for (const flags of [[], ['--network', 'bridge'], ['--network', 'default'], ['-p', '80']]) {
      const out = await docker.ok(['run', '--rm', ...flags, 'busybox', 'ip', '-o', 'link'])
      assert.match(out, /^1: lo[^\n]*$/, flags.join(' '))
    }
    await docker.ok(['run', '-d', '--name', 'web', '-p', '80', 'busybox', 'sh', '-c', page])
    const format =
      '{{.HostConfig.NetworkMode}} {{json .NetworkSettings.Ports}} {{range $n, $e := .NetworkSettings.Networks}}{{$n}} "{{$e.NetworkID}}"{{end}}'
    assert.equal(await docker.ok(['inspect', '-f', format, 'web']), 'bridge {} bridge ""')
    const { code, message } = await docker.fails(['run', '--rm', '--add-host', 'x:host-gateway', 'busybox', 'true'])
    assert.equal(code, 125)
    assert.match(message, /unable to derive the IP value for host-gateway/)
    await mkdir(join(scratch.path, 'context'))
    await writeFile(join(scratch.path, 'context/Dockerfile'), 'FROM busybox\nRUN ip -o link | tee /links')
    const built = await docker.ok(['build', '-q', join(scratch.path, 'context')])
    assert.match(await docker.ok(['run', '--rm', built, 'cat', '/links']), /^1: lo[^\n]*$/)
  })

  await t.test('publishes ports on networks that were made, also after someone flushed all rules', async () => {
    await docker.ok(['network', 'create', 'front'])
    await docker.ok(['network', 'connect', 'bridge', 'web'])
    await docker.ok(['network', 'connect', 'front', 'web'])
    const port = (await docker.ok(['port', 'web', '80'])).split('\n')[0]?.split(':')[1]
    const fetch = () => here('curl', '-sS', '--max-time', '2', `http://127.0.0.1:${port}/`)
    assert.equal(await fetch(), 'ahoy\n')
    await here('nft', 'flush', 'ruleset')
    await eventually('the rules are there again', async () => (await fetch()) === 'ahoy\n')
    // Another engine's start takes away tables whose bridges are gone: this is none.
    await engine.stopDaemon('SIGKILL')
    await engine.start()
    assert.equal(await fetch(), 'ahoy\n')
  })

  await t.test('leaves no rule when it shuts down for good', async () => {
    await engine.client('slipway').ok(['system', 'shutdown'])
    await eventually('its table is gone', async () => !(await here('nft', 'list', 'tables')).includes('slipway'))
    await engine.start()
  })
})

test('the default bridge goes when an engine starts without it, but not from under a container', async () => {
  await using scratch = await openScratch()
  const netns = await makeNetns(scratch)
  const links = async (): Promise<string> => (await inNetns(netns, ['ip', '-o', 'link'])).stdout
  const dataRoot = join(scratch.path, 'data')
  {
    await using engine = await TestEngine.start(scratch, { netns, dataRoot })
    assert.match(await links(), new RegExp(engine.bridge))
    await engine.stopDaemon()
    await using other = await TestEngine.start(scratch, { netns, dataRoot, withoutBridge: true })
    assert.doesNotMatch(await links(), new RegExp(engine.bridge))
    assert.equal(await other.client().ok(['network', 'ls', '-q', '-f', 'name=bridge']), '')
    const tables = async (): Promise<string> => (await inNetns(netns, ['nft', 'list', 'tables'])).stdout
    assert.match(await tables(), /slipway-ports/)
    await other.stopDaemon()
    assert.doesNotMatch(await tables(), /slipway-ports/, 'nothing was published')
  }
})
