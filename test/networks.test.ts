import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { type Client, clientNames } from './harness/client.ts'
import { TestEngine } from './harness/engine.ts'
import { eventually } from './harness/patience.ts'
import { freePort } from './harness/port.ts'
import { run } from './harness/run.ts'
import { openScratch } from './harness/scratch.ts'

/** Subnets that no other test has; engines of tests have 10.201 to 10.249. */
const prefix = `10.250.${randomInt(0, 240)}`
const subnetOf = (number: number): string => `10.250.${Number(prefix.split('.')[2]) + number}`

/** What was just started may be on its way still. */
const untilServed = (client: Client, container: string): Promise<string> =>
  client.ok([
    'exec',
    container,
    'sh',
    '-c',
    'until wget -qO /dev/null http://127.0.0.1/ 2>/dev/null; do sleep 0.1; done',
  ])

/** A container that shows a text; resolves when it does. `words`: a `run -d` with all its options. */
const serve = async (client: Client, words: readonly string[], text: string): Promise<void> => {
  const script = `mkdir -p /w && echo ${text} > /w/index.html && exec httpd -f -p 80 -h /w`
  await untilServed(client, await client.ok([...words, 'busybox', 'sh', '-c', script]))
}

for (const name of clientNames) {
  test(`networks of one's own, with ${name} as the client`, async (t) => {
    await using scratch = await openScratch()
    await using engine = await TestEngine.start(scratch)
    await engine.addBusybox()
    const client = engine.client(name)
    const docker = engine.client('docker')
    const [front, back, inner] = [subnetOf(0), subnetOf(1), subnetOf(2)]
    const inspect = (container: string, format: string): Promise<string> =>
      docker.ok(['inspect', '--format', format, container])
    const exec = (container: string, ...command: readonly string[]) => docker.run(['exec', container, ...command])
    const resolve = async (container: string, text: string): Promise<readonly string[]> => {
      const { stdout } = await exec(container, 'nslookup', text)
      return [...stdout.matchAll(/^Address: (\S+)$/gm)].map(([, address = '']) => address)
    }
    const fetch = async (container: string, host: string, seconds = 20): Promise<string> =>
      (await exec(container, 'timeout', String(seconds), 'wget', '-qO-', `http://${host}/`)).stdout.trim()

    try {
      await t.test('create, inspect and list say what was asked for', async () => {
        const id = await client.ok([
          ...['network', 'create', '--subnet', `${front}.0/24`, '--ip-range', `${front}.128/25`],
          ...['--gateway', `${front}.254`, '--aux-address', `router=${front}.128`, '--label', 'tier=front'],
          ...['-o', 'com.docker.network.driver.mtu=1400', 'front'],
        ])
        assert.match(id, /^[0-9a-f]{64}$/)
        await client.ok(['network', 'create', '--subnet', `${back}.0/24`, 'back'])
        await client.ok(['network', 'create', '--subnet', `${inner}.0/24`, '--internal', 'inner'])
        const [told] = JSON.parse(await client.ok(['network', 'inspect', 'front']))
        assert.deepEqual(told.IPAM.Config, [
          {
            Subnet: `${front}.0/24`,
            IPRange: `${front}.128/25`,
            Gateway: `${front}.254`,
            AuxiliaryAddresses: { router: `${front}.128` },
          },
        ])
        assert.deepEqual(told.Labels, { tier: 'front' })
        const list = (...filters: readonly string[]) =>
          client.ok(['network', 'ls', '--format', '{{.Name}}', ...filters.flatMap((filter) => ['--filter', filter])])
        assert.equal(await list('label=tier=front'), 'front')
        assert.equal(await list('type=custom'), 'back\nfront\ninner')
        assert.equal(await list('type=builtin'), 'bridge\nhost\nnone')
        assert.equal(await list('name=^in'), 'inner')
        assert.equal(await list(`id=${id.slice(0, 12)}`), 'front')
      })

      await t.test('what can not be is refused in docker’s words, and leaves nothing', async () => {
        const refused = async (args: readonly string[], words: RegExp): Promise<void> =>
          assert.match((await client.fails(args)).message, words)
        await refused(['network', 'create', 'front'], /network with name front already exists/)
        await refused(['network', 'create', '--subnet', `${front}.0/25`, 'twin'], /Pool overlaps with other one/)
        await refused(['network', 'create', '--subnet', `${front}.1/24`, 'twin'], /it should be 10\.250\.\d+\.0\/24/)
        await refused(
          ['network', 'create', '-d', 'macvlan', '-o', 'parent=nowhere', 'twin'],
          /-o parent interface was not found on the host: nowhere/,
        )
        await refused(['network', 'rm', 'bridge'], /bridge is a pre-defined network and cannot be removed/)
        await refused(
          ['run', '--rm', '--network', 'front', '--ip', '192.0.2.1', 'busybox', 'true'],
          /no configured subnet or ip-range contain the IP address 192\.0\.2\.1/,
        )
        await refused(['run', '--rm', '--network', 'nowhere', 'busybox', 'true'], /network nowhere not found/)
        const bad = await engine.ask('/networks/create', { method: 'POST', body: JSON.stringify({ Name: 'a b' }) })
        assert.equal(bad.status, 400, bad.message)
        assert.equal((await client.ok(['network', 'ls', '-q'])).split('\n').length, 6)
      })

      await t.test('containers find each other by name, alias, short id and address', async () => {
        await serve(client, ['run', '-d', '--name', 'web', '--network', 'front'], 'web')
        const app = ['run', '-d', '--network', 'front', '--network-alias', 'service']
        await serve(client, [...app, '--name', 'app1'], 'one')
        await serve(client, [...app, '--name', 'app2', '--ip', `${front}.200`], 'two')
        assert.deepEqual(await resolve('web', 'app1'), [`${front}.130`])
        assert.deepEqual(await resolve('web', 'APP2.front'), [`${front}.200`])
        assert.deepEqual((await resolve('web', 'service')).toSorted(), [`${front}.130`, `${front}.200`])
        assert.deepEqual(await resolve('app1', (await inspect('web', '{{.Id}}')).slice(0, 12)), [`${front}.129`])
        assert.match((await exec('web', 'nslookup', `${front}.200`)).stdout, /name = app2\.front/)
        assert.equal(await fetch('web', 'app2'), 'two')
        const seen = await Promise.all(Array.from({ length: 8 }, () => fetch('web', 'service')))
        assert.deepEqual([...new Set(seen)].toSorted(), ['one', 'two'], 'they take turns')
        assert.match(
          (await exec('web', 'cat', '/etc/resolv.conf')).stdout,
          /^nameserver 127\.0\.0\.11\n(?:.*\n)*options .*ndots:0/m,
        )
        assert.match((await exec('web', 'cat', '/sys/class/net/eth0/mtu')).stdout, /^1400/)
      })

      await t.test('a link on the default bridge tells of the other in hosts and in variables', async () => {
        await client.ok(['run', '-d', '--name', 'db', '--expose', '5432', '-e', 'A=1', 'busybox', 'sleep', '10000'])
        await client.ok(['run', '-d', '--name', 'linked', '--link', 'db:store', 'busybox', 'sleep', '10000'])
        const address = await inspect('db', '{{.NetworkSettings.IPAddress}}')
        const { stdout } = await exec('linked', 'sh', '-c', 'env | grep ^STORE_ | sort; grep store /etc/hosts')
        assert.deepEqual(stdout.trim().split('\n'), [
          'STORE_ENV_A=1',
          'STORE_NAME=/linked/store',
          `STORE_PORT=tcp://${address}:5432`,
          `STORE_PORT_5432_TCP=tcp://${address}:5432`,
          `STORE_PORT_5432_TCP_ADDR=${address}`,
          'STORE_PORT_5432_TCP_PORT=5432',
          'STORE_PORT_5432_TCP_PROTO=tcp',
          `${address}\tstore`,
        ])
        const environment = await exec('linked', 'sh', '-c', 'tr "\\0" "\\n" < /proc/1/environ | grep STORE_PORT=')
        assert.equal(environment.stdout.trim(), `STORE_PORT=tcp://${address}:5432`)
        await client.ok(['rm', '-f', 'db'])
        assert.equal((await exec('linked', 'true')).code, 0)
        await client.ok(['rm', '-f', 'linked'])
      })

      await t.test('a container that serves port 53 itself still resolves names', async () => {
        const serve = ['busybox', 'httpd', '-f', '-p', '0.0.0.0:53', '-h', '/etc']
        await client.ok(['run', '-d', '--name', 'server53', '--network', 'front', ...serve])
        assert.deepEqual(await resolve('server53', 'web'), [`${front}.129`])
        const hostname = async () => (await exec('web', 'wget', '-qO-', 'http://server53:53/hostname')).stdout
        await eventually('it is served', async () => /^[0-9a-f]{12}$/m.test(await hostname()))
        await client.ok(['rm', '-f', 'server53'])
      })

      await t.test('a container on another one’s network has its names, too', async () => {
        const args = ['run', '--rm', '--network', 'container:web', 'busybox', 'sh', '-c']
        const output = await client.ok([...args, 'cat /etc/hosts; nslookup app1'])
        assert.match(output, new RegExp(`^${front}\\.129\t`, 'm'))
        assert.match(output, new RegExp(`^Address: ${front}\\.130$`, 'm'))
      })

      await t.test('between networks there are neither names nor packets', async () => {
        await serve(client, ['run', '-d', '--name', 'db', '--network', 'back'], 'db')
        assert.deepEqual(await resolve('db', 'web'), [])
        assert.deepEqual(await resolve('web', 'db'), [])
        assert.equal(await fetch('web', `${back}.2`, 3), '')
        assert.equal(
          (await run('curl', ['-s', '-m', '20', `http://${back}.2/`])).stdout.trim(),
          'db',
          'but the host may',
        )
        const gateway = await docker.ok(['network', 'inspect', '-f', '{{(index .IPAM.Config 0).Gateway}}', 'bridge'])
        assert.equal((await exec('web', 'ping', '-c', '1', '-w', '20', gateway)).code, 0, 'host-gateway is for all')
      })

      await t.test('connect and disconnect take effect in a running container', async () => {
        await client.ok(['network', 'connect', '--alias', 'www', '--ip', `${back}.77`, 'back', 'web'])
        assert.deepEqual(await resolve('db', 'www'), [`${back}.77`])
        assert.equal(await fetch('db', 'web'), 'web')
        assert.equal(await fetch('web', 'db'), 'db')
        assert.match((await exec('web', 'cat', '/etc/hosts')).stdout, new RegExp(`^${back}\\.77\t`, 'm'))
        assert.match(
          (await client.fails(['network', 'connect', 'back', 'web'])).message,
          /already exists in network back/,
        )
        assert.match((await client.fails(['network', 'rm', 'back'])).message, /has active endpoints/)
        await client.ok(['network', 'disconnect', 'back', 'web'])
        assert.deepEqual(await resolve('db', 'web'), [])
        assert.equal(await inspect('web', '{{len .NetworkSettings.Networks}}'), '1')
        assert.doesNotMatch((await exec('web', 'cat', '/etc/hosts')).stdout, new RegExp(`${back}\\.77`))
      })

      await t.test('several networks at once: priority chooses the way out, and ports follow it', async () => {
        const port = String(await freePort())
        const near = ['run', '-d', '--name', 'many', '-p', `${port}:80`, '--network', 'name=back,gw-priority=1']
        await serve(client, [...near, '--network', 'name=front,alias=multi', '--network', 'inner'], 'many')
        const wayOut = async (): Promise<string> =>
          /default via (\S+)/.exec((await exec('many', 'ip', 'route')).stdout)?.[1] ?? ''
        const ask = async (seconds = 20) =>
          (await run('curl', ['-s', '-m', String(seconds), `http://127.0.0.1:${port}/`])).stdout.trim()
        assert.equal(await wayOut(), `${back}.1`)
        assert.equal(await ask(), 'many')
        await client.ok(['network', 'disconnect', 'back', 'many'])
        assert.equal(await wayOut(), `${front}.254`)
        assert.equal(await ask(), 'many')
        await client.ok(['network', 'disconnect', 'front', 'many'])
        assert.equal(await wayOut(), '', 'an internal network leads nowhere')
        assert.equal(await ask(3), '')
        await client.ok(['network', 'connect', 'back', 'many'])
        assert.equal(await ask(), 'many')
      })

      await t.test('without ICC containers of one network do not reach each other', async () => {
        const option = ['-o', 'com.docker.network.bridge.enable_icc=false']
        await client.ok(['network', 'create', '--subnet', `${subnetOf(3)}.0/24`, ...option, 'apart'])
        await serve(client, ['run', '-d', '--name', 'apart1', '--network', 'apart'], 'apart')
        await serve(client, ['run', '-d', '--name', 'apart2', '--network', 'apart'], 'apart')
        assert.equal(await fetch('apart2', 'apart1', 3), '')
        assert.equal((await run('curl', ['-s', '-m', '20', `http://${subnetOf(3)}.2/`])).stdout.trim(), 'apart')
        await client.ok(['rm', '-f', 'apart1', 'apart2'])
        await client.ok(['network', 'rm', 'apart'])
      })

      await t.test('a macvlan network has names, and ways out as its others have', async () => {
        await client.ok(['network', 'create', '-d', 'macvlan', '--subnet', `${subnetOf(4)}.0/24`, 'beside'])
        await serve(client, ['run', '-d', '--name', 'beside1', '--network', 'beside', '-p', '80'], 'beside')
        await serve(client, ['run', '-d', '--name', 'beside2', '--network', 'beside'], 'beside')
        assert.equal(await fetch('beside2', 'beside1'), 'beside')
        await client.ok(['network', 'disconnect', 'beside', 'beside1'])
        assert.equal(await fetch('beside2', `${subnetOf(4)}.2`, 3), '')
        await client.ok(['rm', '-f', 'beside1', 'beside2'])
        await client.ok(['network', 'rm', 'beside'])
      })

      await t.test('after kill -9 names, addresses and ways are as they were', async () => {
        const settings = await inspect('many', '{{json .NetworkSettings.Networks}}')
        await engine.stopDaemon('SIGKILL')
        await engine.start()
        assert.deepEqual(JSON.parse(await inspect('many', '{{json .NetworkSettings.Networks}}')), JSON.parse(settings))
        assert.deepEqual(await resolve('db', 'many'), [
          await inspect('many', '{{.NetworkSettings.Networks.back.IPAddress}}'),
        ])
        assert.equal(await fetch('db', 'many'), 'many')
        const fresh = await client.ok(['run', '--rm', '--network', 'back', 'busybox', 'ip', '-4', '-o', 'addr'])
        assert.doesNotMatch(fresh, new RegExp(` ${back}\\.[23]/`), 'no address is given out twice')
      })

      await t.test('a container goes on with another network when one of its own is gone', async () => {
        await client.ok(['stop', '-t', '0', 'many'])
        await client.ok(['network', 'rm', 'inner'])
        assert.match((await client.fails(['start', 'many'])).message, /network inner not found/)
        await client.ok(['network', 'disconnect', '-f', 'inner', 'many'])
        await client.ok(['start', 'many'])
        await untilServed(client, 'many')
        assert.equal(await fetch('db', 'many'), 'many')
      })

      await t.test('prune takes the unused away, with bridge and table', async () => {
        await engine.removeContainers()
        const bridge = `br-${(await client.ok(['network', 'inspect', '--format', '{{.Id}}', 'front'])).slice(0, 12)}`
        assert.match(await client.ok(['network', 'prune', '-f']), /Deleted Networks:\nback\nfront/)
        assert.notEqual((await run('ip', ['link', 'show', bridge])).code, 0)
        assert.notEqual((await run('nft', ['list', 'table', 'ip', bridge])).code, 0)
      })
    } finally {
      await engine.removeContainers()
      await docker.run(['network', 'prune', '-f'])
    }
  })
}
