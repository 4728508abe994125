import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { clientNames } from './harness/client.ts'
import { TestEngine } from './harness/engine.ts'
import { pageAt } from './harness/page.ts'
import { freePort } from './harness/port.ts'
import { run } from './harness/run.ts'
import { openScratch } from './harness/scratch.ts'

const page = 'mkdir -p /w && echo hello > /w/index.html && exec httpd -f -p 80 -h /w'

/** Unique local addresses (RFC 4193) that no other test has. */
const freshPrefix = (): string => {
  const [a, b, c, d] = randomBytes(8).toString('hex').match(/..../g) ?? []
  return `fd${a?.slice(2)}:${b}:${c}:${d}`
}

for (const name of clientNames) {
  test(`IPv6 networks, with ${name} as the client`, async () => {
    await using scratch = await openScratch()
    await using engine = await TestEngine.start(scratch)
    await engine.addBusybox()
    const client = engine.client(name)
    const docker = engine.client('docker')
    const prefix = freshPrefix()
    const inspect = async (container: string, network: string) =>
      JSON.parse(
        await docker.ok(['inspect', '-f', `{{json (index .NetworkSettings.Networks "${network}")}}`, container]),
      )
    const exec = async (container: string, ...command: readonly string[]): Promise<string> =>
      (await docker.run(['exec', container, ...command])).stdout
    try {
      await client.ok(['network', 'create', '--ipv6', '--subnet', `${prefix}::/64`, 'dual'])
      const [told] = JSON.parse(await client.ok(['network', 'inspect', 'dual']))
      assert.deepEqual([told.EnableIPv4, told.EnableIPv6, told.IPAM.Config.length], [true, true, 2])
      assert.equal(BigInt(`0x${told.IPAM.Config[1].Gateway.split(':').at(-1)}`), 1n)

      const port = await freePort()
      await client.ok([
        'run',
        '-d',
        '--name',
        'web',
        '--network',
        'dual',
        '-p',
        `${port}:80`,
        'busybox',
        'sh',
        '-c',
        page,
      ])
      await pageAt(`http://127.0.0.1:${port}/`)
      await client.ok(['run', '-d', '--name', 'other', '--network', 'dual', '--ip6', `${prefix}::77`, 'busybox', 'top'])
      const web = await inspect('web', 'dual')
      const other = await inspect('other', 'dual')
      assert.equal(web.GlobalIPv6PrefixLen, 64)
      assert.equal(web.IPv6Gateway, told.IPAM.Config[1].Gateway)
      const number = (address: string): string => address.split(':').at(-1) ?? ''
      assert.deepEqual([number(web.GlobalIPv6Address), number(other.GlobalIPv6Address)], ['2', '77'])
      const names = await exec('other', 'nslookup', 'web')
      assert.ok(names.includes(web.IPAddress) && names.includes(web.GlobalIPv6Address), names)
      assert.match(await exec('other', 'nslookup', web.GlobalIPv6Address), /name = web\.dual/)
      assert.ok((await exec('web', 'cat', '/etc/hosts')).includes(`${web.GlobalIPv6Address}\t`))
      assert.equal((await exec('other', 'wget', '-qO-', `http://[${web.GlobalIPv6Address}]/`)).trim(), 'hello')
      for (const host of ['127.0.0.1', '[::1]', `[${web.IPv6Gateway}]`]) {
        const { stdout } = await run('curl', ['-s', '-m', '20', `http://${host}:${port}/`])
        assert.equal(stdout.trim(), 'hello', host)
      }
      const taken = await client.fails([
        'run',
        '--rm',
        '--network',
        'dual',
        '--ip6',
        `${prefix}::77`,
        'busybox',
        'true',
      ])
      assert.match(taken.message, /Address already in use/)

      await client.ok(['network', 'create', '--ipv6', 'somewhere'])
      const [chosen] = JSON.parse(await docker.ok(['network', 'inspect', 'somewhere']))
      assert.match(chosen.IPAM.Config[1].Subnet, /^fd[0-9a-f]{2}:.*\/64$/)
      await client.ok(['network', 'connect', 'somewhere', 'other'])
      assert.match((await inspect('other', 'somewhere')).GlobalIPv6Address, /^fd/)

      await engine.stopDaemon('SIGKILL')
      await engine.start()
      assert.deepEqual(await inspect('web', 'dual'), web)
      await client.ok(['run', '-d', '--name', 'third', '--network', 'dual', 'busybox', 'top'])
      assert.equal(number((await inspect('third', 'dual')).GlobalIPv6Address), '3')
      await client.ok(['network', 'create', '--ipv6', '--ipv4=false', 'six'])
      const alone = await client.ok(['run', '--rm', '--network', 'six', 'busybox', 'ip', '-o', 'addr', 'show', 'eth0'])
      assert.match(alone, /inet6 fd/)
      assert.doesNotMatch(alone, /inet \d/)
    } finally {
      await engine.removeContainers()
      await docker.run(['network', 'prune', '-f'])
    }
  })
}

test('the default bridge has IPv6 when the engine is told so', async (t) => {
  await using scratch = await openScratch()
  const prefix = freshPrefix()
  await using engine = await TestEngine.start(scratch, {
    args: ['--ipv6', '--fixed-cidr-v6', `${prefix}::/64`, '--mtu', '1400'],
  })
  await engine.addBusybox()
  const client = engine.client()
  const port = String(await freePort())
  const fetch = async (host: string): Promise<string> =>
    (await run('curl', ['-s', '-m', '20', `http://${host}:${port}/`])).stdout

  await client.ok(['run', '-d', '--name', 'web', '-p', `${port}:80`, 'busybox', 'sh', '-c', page])
  await pageAt(`http://127.0.0.1:${port}/`)

  await t.test('as its inspection and the container say', async () => {
    const [told] = JSON.parse(await client.ok(['network', 'inspect', 'bridge']))
    assert.equal(told.EnableIPv6, true)
    assert.equal(told.IPAM.Config[1].Subnet, `${prefix}::/64`)
    assert.equal(told.Options['com.docker.network.driver.mtu'], '1400')
    const address = await client.ok(['inspect', '-f', '{{.NetworkSettings.GlobalIPv6Address}}', 'web'])
    assert.equal(address, `${prefix}::2`)
    assert.match(await client.ok(['exec', 'web', 'cat', '/sys/class/net/eth0/mtu']), /^1400/)
    assert.match(await client.ok(['exec', 'web', 'ip', '-6', 'route']), /^default via /m)
  })

  await t.test('published ports lead to it, before and after a crash', async () => {
    const all = async () => Promise.all(['127.0.0.1', '[::1]', `[${prefix}::1]`].map(fetch))
    assert.deepEqual(await all(), ['hello\n', 'hello\n', 'hello\n'])
    await engine.stopDaemon('SIGKILL')
    await engine.start()
    assert.deepEqual(await all(), ['hello\n', 'hello\n', 'hello\n'])
  })

  await t.test('containers reach each other by it', async () => {
    assert.equal(await client.ok(['run', '--rm', 'busybox', 'wget', '-qO-', `http://[${prefix}::2]/`]), 'hello')
  })
})
