import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Compose } from '../harness/compose.ts'
import { TestEngine } from '../harness/engine.ts'
import { Following } from '../harness/following.ts'
import { pageAt } from '../harness/page.ts'
import { eventually } from '../harness/patience.ts'
import { freePort } from '../harness/port.ts'
import { openScratch, type Scratch } from '../harness/scratch.ts'
import { shopFiles } from './shop.ts'

interface Stage {
  readonly engine: TestEngine
  readonly scratch: Scratch
}

const openProject = async (
  stage: Stage,
  name: string,
  files: Readonly<Record<string, string>>,
  environment: NodeJS.ProcessEnv = {},
): Promise<Compose & { readonly directory: string }> => {
  const directory = join(stage.scratch.path, name)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
  return Object.assign(await Compose.open({ ...stage, directory, environment }), { directory })
}

const lines = (text: string): readonly string[] => text.split('\n').toSorted()

/** What the services are doing: `web running`. */
const states = async (compose: Compose, format = '{{.Service}} {{.State}}'): Promise<readonly string[]> =>
  lines(await compose.ok(['ps', '--all', '--format', format]))

const runShop = async (t: TestContext, stage: Stage): Promise<void> => {
  const subnet = `10.200.${randomInt(256)}`
  const port = await freePort()
  const environment = { SHOP_SECRET: 'whispered', SHOP_PORT: String(port) }
  await using compose = await openProject(stage, 'shop', shopFiles(subnet), environment)
  const { directory } = compose
  const docker = stage.engine.client()
  const inContainer = (service: string, script: string): Promise<string> =>
    compose.ok(['exec', '-T', service, 'sh', '-c', script])
  const up = ['up', '--build', '--wait']

  await t.test('up --build: the classic builder, health, and a service that ends', async () => {
    await compose.ok(up)
    assert.deepEqual(await states(compose, '{{.Service}} {{.State}} {{.Health}} {{.ExitCode}}'), [
      'db running healthy 0',
      'once exited  0',
      'web running  0',
      'worker running  0',
    ])
    assert.equal(await pageAt(`http://127.0.0.1:${port}/greeting`), 'servus\n')
    const labels = await docker.ok(['image', 'inspect', '--format', '{{json .Config.Labels}}', 'shop-web'])
    assert.deepEqual(JSON.parse(labels), {
      own: 'label',
      a: 'b',
      'built.by': 'compose',
      'com.docker.compose.image.builder': 'classic',
    })
  })

  await t.test('up --build with BuildKit, through bake: what has not changed is left running', async () => {
    const bake = await Compose.open({ ...stage, directory, environment: { ...environment, DOCKER_BUILDKIT: '1' } })
    await bake.ok(up)
    const [image, container] = [await docker.ok(['images', '-q', 'shop-web']), await bake.ok(['ps', '-q', 'web'])]
    await bake.ok(up)
    assert.equal(await docker.ok(['images', '-q', 'shop-web']), image)
    assert.equal(await bake.ok(['ps', '-q', 'web']), container)
    assert.equal(await pageAt(`http://127.0.0.1:${port}/greeting`), 'servus\n')
  })

  await t.test('secrets and configs come of files, of the environment, and of the compose file', async () => {
    const paths = '/run/secrets/plain /run/told /etc/from-file /etc/told /etc/inline'
    assert.equal(await inContainer('web', `cat ${paths}`), 's3cret\nwhisperedfrom a file\nwhisperedcolour red')
    assert.equal(await inContainer('web', 'stat -c %a /run/told /etc/inline'), '440\n400')
  })

  await t.test('networks: aliases, a static address, hosts, and one without a way out', async () => {
    assert.match(await inContainer('web', 'ip -4 addr'), new RegExp(`inet ${subnet.replaceAll('.', '\\.')}\\.77/24`))
    assert.match(await inContainer('worker', 'nslookup web'), new RegExp(`Address: ${subnet}\\.77`))
    assert.match(await inContainer('web', 'nslookup site'), /Name:\tsite/)
    assert.match(await inContainer('web', 'cat /etc/hosts'), /^192\.0\.2\.1\telsewhere$/m)
    assert.doesNotMatch(await inContainer('worker', 'ip route'), /default/)
    assert.match(await inContainer('web', 'ip route'), /default/)
    assert.equal(await inContainer('worker', `wget -q -O - http://web/page`), 'page')
  })

  await t.test('volumes: a label, a tmpfs, a bind whose directory is made, a root that is read-only', async () => {
    const kind = ['volume', 'ls', '--quiet', '--filter', 'label=kind=goods']
    assert.equal(await docker.ok(kind), 'shop_data')
    assert.ok((await stat(join(directory, 'made'))).isDirectory())
    assert.equal(await inContainer('db', 'stat -c %a /scratch; df -k /scratch | tail -1 | cut -c 1-5'), '700\ntmpfs')
    assert.equal(
      await inContainer('db', 'echo kept >/data/file; echo x >/made/y; touch /z 2>&1 || true'),
      'touch: /z: Read-only file system',
    )
    assert.equal(await readFile(join(directory, 'made/y'), 'utf8'), 'x\n')
  })

  await t.test('deploy.resources.limits are what the kernel holds the container to', async () => {
    const either = (one: string, other: string): Promise<string> =>
      inContainer('web', `cat /sys/fs/cgroup/${one} 2>/dev/null || cat /sys/fs/cgroup/${other}`)
    assert.equal(await either('memory/memory.limit_in_bytes', 'memory.max'), String(64 << 20))
    assert.equal(await either('pids/pids.max', 'pids.max'), '50')
    assert.match(await either('cpu/cpu.cfs_quota_us', 'cpu.max'), /^50000\b/)
  })

  await t.test('config, images, port, top and logs tell of it', async () => {
    assert.deepEqual(lines(await compose.ok(['config', '--services'])), ['db', 'once', 'web', 'worker'])
    assert.match(await compose.ok(['config']), /ipv4_address: 10\.200\./)
    assert.match(await compose.ok(['images']), /^shop-web-1 +shop-web +latest /m)
    assert.equal(await compose.ok(['port', 'web', '80']), `127.0.0.1:${port}`)
    assert.match(await compose.ok(['top', 'web']), /httpd -f -h \/www/)
    assert.equal(await compose.ok(['logs', '--no-log-prefix', 'once']).then((text) => text.split('\n')[0]), 'migrated')
    assert.match(await compose.ok(['logs', '--timestamps', 'db']), /^db-1 +\| \d{4}-\S+Z starting$/m)
    assert.match(await compose.ok(['ls']), /^shop +running\(3\)/m)
  })

  await t.test('exec, run and cp', async () => {
    assert.equal((await compose.fails(['exec', '-T', 'web', 'sh', '-c', 'exit 9'])).code, 9)
    assert.equal((await compose.fails(['exec', '-T', 'web', 'nonsense'])).code, 127)
    assert.equal(await compose.ok(['run', '--rm', '-T', '-e', 'A=1', 'worker', 'sh', '-c', 'echo $A']), '1')
    assert.equal((await compose.fails(['run', '--rm', '-T', '--entrypoint', 'sh', 'worker', '-c', 'exit 5'])).code, 5)
    await compose.ok(['cp', 'web:/www/greeting', join(directory, 'greeting')])
    await compose.ok(['cp', join(directory, 'greeting'), 'worker:/tmp/'])
    assert.equal(await inContainer('worker', 'cat /tmp/greeting'), 'servus')
  })

  await t.test('a profile runs when it is asked for', async () => {
    assert.deepEqual(
      (await states(compose)).filter((state) => state.startsWith('tool')),
      [],
    )
    assert.equal(await compose.ok(['run', '--rm', '-T', 'tool']), 'tool')
    await compose.ok(['--profile', 'tools', 'up', '--detach', 'tool'])
    assert.ok((await states(compose)).some((state) => state.startsWith('tool ')))
  })

  await t.test('logs -f and events go on while services stop, start, restart, pause and die', async () => {
    await using logs = new Following(compose.spawn(['logs', '--follow', 'db']))
    await using events = new Following(compose.spawn(['events', '--json', 'worker']))
    // It has subscribed when it tells of something: health checks of others come all the time, but not for it.
    await eventually('events have begun', async () => {
      await compose.ok(['pause', 'worker'])
      assert.ok((await states(compose)).includes('worker paused'))
      await compose.ok(['unpause', 'worker'])
      return events.see(/"action":"unpause"/)
    })
    await compose.ok(['stop', 'worker'])
    assert.ok((await states(compose)).includes('worker exited'))
    await compose.ok(['start', 'worker'])
    await compose.ok(['kill', '--signal', 'KILL', 'worker'])
    await events.see(/"action":"kill".*"signal":"9"/)
    await events.see(/"action":"die".*"exitCode":"137"/)
    await compose.ok(['start', 'worker'])
    await logs.see(/starting\n/)
    await compose.ok(['restart', 'db'])
    await logs.see(/db-1 exited with code 143 \(restarting\)/)
    await logs.see(/starting\n.*starting\n/s)
    assert.deepEqual(
      (await states(compose)).filter((state) => !state.startsWith('tool')),
      ['db running', 'once exited', 'web running', 'worker running'],
    )
  })

  await t.test('scale: up, by name, and down', async () => {
    await compose.ok(['scale', 'worker=3'])
    await eventually('three answer to the name', async () => {
      const answer = await inContainer('web', 'nslookup worker')
      return answer.match(/^Name:\tworker\nAddress: /gm)?.length === 3
    })
    await compose.ok(['up', '--detach', '--no-recreate', '--scale', 'worker=1'])
    assert.equal((await compose.ok(['ps', '--quiet', 'worker'])).split('\n').length, 1)
  })

  await t.test('restart: unless-stopped holds while the daemon is away', async () => {
    const pid = async (): Promise<number> =>
      Number(await docker.ok(['inspect', '--format', '{{.State.Pid}}', 'shop-web-1']))
    const before = await pid()
    await stage.engine.stopDaemon('SIGKILL')
    process.kill(before, 'SIGKILL')
    await stage.engine.start()
    await eventually('it runs again', async () => ![0, before].includes(await pid()))
    assert.equal(await pageAt(`http://127.0.0.1:${port}/page`), 'page\n')
    await compose.ok(['stop', 'web'])
    await stage.engine.stopDaemon()
    await stage.engine.start()
    assert.ok((await states(compose)).includes('web exited'))
  })

  await t.test('down keeps volumes, down --volumes takes them away', async () => {
    await compose.ok(['--profile', 'tools', 'down'])
    assert.equal(await compose.ok(['ps', '--all', '--quiet']), '')
    assert.equal(await docker.ok(['network', 'ls', '--quiet', '--filter', 'name=shop_']), '')
    assert.equal(await compose.ok(['run', '--rm', '-T', '--no-deps', 'db', 'cat', '/data/file']), 'kept')
    await compose.ok(['down', '--volumes'])
    assert.equal(await docker.ok(['volume', 'ls', '--quiet']), '')
  })
}

const runFailures = async (t: TestContext, stage: Stage): Promise<void> => {
  const docker = stage.engine.client()
  const sleeper = '{image: busybox, init: true, command: sleep 1000000, stop_grace_period: 0s'

  await t.test('--wait fails for a service that is unhealthy', async () => {
    const health = 'healthcheck: {test: "false", interval: 200ms, retries: 2}}'
    const files = { 'compose.yaml': `name: sick\nservices:\n  ok: ${sleeper}}\n  ill: ${sleeper}, ${health}\n` }
    await using compose = await openProject(stage, 'sick', files)
    const { code, message } = await compose.fails(['up', '--wait'])
    assert.equal(code, 1)
    assert.match(message, /container sick-ill-1 is unhealthy/)
  })

  await t.test('--exit-code-from ends all with the code of one', async () => {
    const short = '{image: busybox, command: [sh, -c, "echo bye; exit 6"], depends_on: [long]}'
    const files = { 'compose.yaml': `name: leave\nservices:\n  long: ${sleeper}}\n  short: ${short}\n` }
    await using compose = await openProject(stage, 'leave', files)
    const up = ['up', '--abort-on-container-exit', '--exit-code-from', 'short']
    const { code, message } = await compose.fails(up)
    assert.equal(code, 6, message)
    assert.match(message, /short-1 +\| bye/)
    assert.deepEqual(await states(compose), ['long exited', 'short exited'])
  })

  await t.test('a project that could be made only in part goes with down', async () => {
    const bind = '{type: bind, source: ./nowhere, target: /x, bind: {create_host_path: false}}'
    const second = `{image: busybox, depends_on: [first], volumes: [${bind}]}`
    const text = `name: half\nservices:\n  first: ${sleeper}, volumes: ['goods:/v']}\n  second: ${second}\nvolumes: {goods: {}}\n`
    await using compose = await openProject(stage, 'half', { 'compose.yaml': text })
    const { message } = await compose.fails(['up', '--detach'])
    assert.match(message, /invalid mount config for type "bind": bind source path does not exist: \S+\/nowhere/)
    assert.deepEqual(await states(compose), ['first created'])
    await compose.ok(['down', '--volumes'])
    const left = ['network ls', 'volume ls', 'ps --all'].map((words) =>
      docker.ok([...words.split(' '), '--quiet', '--filter', 'label=com.docker.compose.project=half']),
    )
    assert.deepEqual(await Promise.all(left), ['', '', ''])
  })

  await t.test('external networks and volumes must be there, and stay', async () => {
    const uses = "networks: [outer], volumes: ['outer:/v']"
    const external = 'networks: {outer: {external: true}}\nvolumes: {outer: {external: true}}'
    const text = `name: guest\nservices:\n  a: ${sleeper}, ${uses}}\n${external}\n`
    await using compose = await openProject(stage, 'guest', { 'compose.yaml': text })
    const up = ['up', '--detach']
    assert.match((await compose.fails(up)).message, /network outer declared as external, but could not be found/)
    await docker.ok(['network', 'create', 'outer'])
    assert.match((await compose.fails(up)).message, /external volume "outer" not found/)
    await docker.ok(['volume', 'create', 'outer'])
    await compose.ok(up)
    await compose.ok(['down', '--volumes'])
    await docker.ok(['network', 'rm', 'outer'])
    await docker.ok(['volume', 'rm', 'outer'])
  })
}

const runWatch = async (t: TestContext, stage: Stage): Promise<void> => {
  const watch = '[{action: sync, path: src, target: /src}, {action: rebuild, path: page}]'
  const service = `{build: ., init: true, stop_grace_period: 0s, develop: {watch: ${watch}}}`
  const files = {
    'compose.yaml': `name: watched\nservices:\n  a: ${service}\n`,
    Dockerfile: 'FROM busybox\nCOPY page /page\nCMD ["sleep", "1000000"]\n',
    page: 'one\n',
    'src/file': 'one\n',
  }
  await using compose = await openProject(stage, 'watched', files, { DOCKER_BUILDKIT: '1' })
  const shows = (path: string, text: string): Promise<true> =>
    eventually(
      `${path} is “${text}” in the container`,
      // While it is made anew there is none to ask.
      async () => (await compose.run(['exec', '-T', 'a', 'cat', path])).stdout === `${text}\n`,
      60_000,
    )
  await compose.ok(['up', '--build', '--wait'])
  await using watching = new Following(compose.spawn(['watch', '--no-up']))
  await watching.see(/Watch enabled/)

  await t.test('watch takes what changes into the container', async () => {
    await writeFile(join(compose.directory, 'src/file'), 'two\n')
    await shows('/src/file', 'two')
  })

  await t.test('watch builds anew where it is to, and replaces the container', async () => {
    await writeFile(join(compose.directory, 'page'), 'two\n')
    await shows('/page', 'two')
  })
}

test("docker compose's commands", async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const stage = { engine, scratch }
  await t.test('a shop with everything', (t) => runShop(t, stage))
  await t.test('what goes wrong', (t) => runFailures(t, stage))
  await t.test('watch', (t) => runWatch(t, stage))
})
