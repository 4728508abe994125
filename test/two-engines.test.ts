import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from './harness/engine.ts'
import { inNetns } from './harness/leftovers.ts'
import { pageAt } from './harness/page.ts'
import { eventually } from './harness/patience.ts'
import { run } from './harness/run.ts'
import { openScratch, type Scratch } from './harness/scratch.ts'

const serve = (text: string): readonly string[] => [
  'sh',
  '-c',
  `mkdir /www; echo ${text} > /www/index.html; exec httpd -f -p 8080 -h /www`,
]

const portOf = async (engine: TestEngine, name: string): Promise<string> =>
  (await engine.client().ok(['port', name, '8080'])).split('\n')[0]?.split(':')[1] ?? ''

test('two engines live side by side', async (t) => {
  await using scratch = await openScratch()
  await using first = await TestEngine.start(scratch)
  await using second = await TestEngine.start(scratch)
  const engines = [first, second]
  for (const engine of engines) await engine.addBusybox()

  await t.test('with containers of the same name, and ports that don’t meet', async () => {
    for (const [place, engine] of engines.entries()) {
      await engine.client().ok(['run', '-d', '--name', 'web', '-p', '8080', 'busybox', ...serve(`engine ${place}`)])
    }
    const ports = await Promise.all(engines.map((engine) => portOf(engine, 'web')))
    assert.notEqual(ports[0], ports[1])
    for (const [place, port] of ports.entries())
      assert.equal(await pageAt(`http://127.0.0.1:${port}/`), `engine ${place}\n`)
  })

  await t.test('a container of one is a stranger to the other, and reaches it through its published port', async () => {
    const id = await first.client().ok(['ps', '-q', '--no-trunc'])
    assert.match((await second.client().fails(['logs', id])).message, /No such container/)
    const gateway = await first
      .client()
      .ok(['run', '--rm', 'busybox', 'sh', '-c', "ip route | sed -n 's/^default via \\([0-9.]*\\).*/\\1/p'"])
    const page = await first
      .client()
      .ok(['run', '--rm', 'busybox', 'wget', '-qO-', `http://${gateway}:${await portOf(second, 'web')}/`])
    assert.equal(page, 'engine 1')
  })

  await t.test('the end of one leaves the other alone', async () => {
    const port = await portOf(second, 'web')
    assert.deepEqual(await first.shutDown(), [])
    assert.equal(await pageAt(`http://127.0.0.1:${port}/`), 'engine 1\n')
  })
})

/** A network namespace of the test's own. */
const makeNetns = async (scratch: Scratch, name: string): Promise<string> => {
  const path = join(scratch.path, name)
  await writeFile(path, '')
  assert.equal((await run('unshare', [`--net=${path}`, 'ip', 'link', 'set', 'lo', 'up'])).code, 0)
  return path
}

const must = async (netns: string | undefined, line: string): Promise<string> => {
  const { code, stdout, stderr } = await inNetns(netns, line.split(' '))
  assert.equal(code, 0, `${line}: ${stderr}`)
  return stdout
}

/** A host, and another machine beside it that reaches it over a wire. */
const makeHosts = async (scratch: Scratch): Promise<{ host: string; visitor: string }> => {
  const host = await makeNetns(scratch, 'host')
  const visitor = await makeNetns(scratch, 'visitor')
  await must(host, `ip link add wire type veth peer name wire netns ${visitor}`)
  await must(host, 'ip addr add 192.0.2.1/24 dev wire')
  await must(visitor, 'ip addr add 192.0.2.2/24 dev wire')
  for (const netns of [host, visitor]) await must(netns, 'ip link set wire up')
  await must(host, 'sysctl -qw net.ipv4.ip_forward=1')
  return { host, visitor }
}

for (const { what, rules } of [
  { what: 'the FORWARD policy is DROP', rules: ['iptables -P FORWARD DROP'] },
  {
    what: 'another engine drops what it doesn’t know and leaves DOCKER-USER to the others',
    rules: ['iptables -P FORWARD DROP', 'iptables -N DOCKER-USER', 'iptables -A FORWARD -j DOCKER-USER'],
  },
]) {
  test(`a published port is reachable where ${what}`, async (t) => {
    await using scratch = await openScratch()
    const { host, visitor } = await makeHosts(scratch)
    for (const rule of rules) await must(host, rule)
    await using engine = await TestEngine.start(scratch, { netns: host })
    await engine.addBusybox()
    await engine.client().ok(['run', '-d', '--name', 'web', '-p', '8080', 'busybox', ...serve('reached')])
    const url = `http://192.0.2.1:${await portOf(engine, 'web')}/`
    const visit = async (): Promise<boolean> =>
      (await inNetns(visitor, ['curl', '-sS', '--max-time', '20', url])).stdout === 'reached\n'

    await t.test('from another machine', async () => {
      await eventually('the page arrives', visit)
    })
    await t.test('and the container reaches that machine', async () => {
      await engine.client().ok(['exec', 'web', 'ping', '-c', '1', '-w', '30', '192.0.2.2'])
    })
    await t.test('through one rule that says whose it is', async () => {
      const saved = await must(host, 'iptables -S')
      assert.match(saved, new RegExp(`--comment "?[^"\\n]*${engine.bridge}`))
    })
    await t.test('also when the daemon is gone', async () => {
      await engine.stopDaemon('SIGTERM')
      assert.ok(await visit(), 'it is gone')
      await engine.start()
      assert.ok(await visit(), 'it is back')
    })
    await t.test('and again after somebody flushed the rules', async () => {
      await must(host, `iptables -F ${rules.length > 1 ? 'DOCKER-USER' : 'FORWARD'}`)
      await eventually('the rule comes back', visit, 90_000)
    })
  })
}
