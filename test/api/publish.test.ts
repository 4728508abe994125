import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { eventually } from '../harness/patience.ts'
import { freePort } from '../harness/port.ts'
import { openScratch } from '../harness/scratch.ts'

const server = 'mkdir /www; echo served >/www/index.html; httpd -p 80 -h /www; httpd -f -p 81 -h /www'

const answers = (port: number, host = '127.0.0.1'): Promise<boolean> =>
  fetch(`http://${host}:${port}/`).then(
    async (answer) => (await answer.text()) === 'served\n',
    () => false,
  )

test('ports are published and taken back while a container runs', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch, { args: ['--ip', '127.0.0.1'] })
  await engine.addBusybox()
  const slipway = engine.client('slipway')
  const port = await freePort()
  const run = (...options: readonly string[]): Promise<string> =>
    slipway.ok(['run', '-d', ...options, 'busybox', 'sh', '-c', server])
  await run('--name', 'web')

  await t.test('an added port answers', async () => {
    assert.equal(await slipway.ok(['update', '--publish-add', `127.0.0.1:${port}:80`, 'web']), 'web')
    await eventually('it answers', () => answers(port))
    assert.equal(await slipway.ok(['port', 'web']), `80/tcp -> 127.0.0.1:${port}`)
  })

  await t.test('it survives the daemon, and the next start of the container', async () => {
    await engine.stopDaemon('SIGKILL')
    assert.ok(await answers(port))
    await engine.start()
    assert.ok(await answers(port))
    await slipway.ok(['restart', '-t', '0', 'web'])
    await eventually('it answers again', () => answers(port))
  })

  await t.test('what is taken is refused, and nothing changes', async () => {
    const taken = await slipway.fails(['update', '--publish-add', '82', '--publish-add', `127.0.0.1:${port}:81`, 'web'])
    assert.match(taken.message, /port is already allocated/)
    const unknown = await slipway.fails(['update', '--publish-add', '81', '--publish-rm', '9:80', 'web'])
    assert.match(unknown.message, /port 9:80\/tcp is not published/)
    assert.equal(await slipway.ok(['port', 'web']), `80/tcp -> 127.0.0.1:${port}`)
    const limit = await slipway.fails(['update', '--publish-add', '81', '--memory', '1m', 'web'])
    assert.match(limit.message, /Minimum memory limit allowed is 6MB/)
    assert.equal(await slipway.ok(['port', 'web']), `80/tcp -> 127.0.0.1:${port}`)
  })

  await t.test('a port that the engine chose, and one that takes the place of another', async () => {
    await slipway.ok(['update', '--publish-add', '127.0.0.1::81', 'web'])
    const chosen = (await slipway.ok(['port', 'web', '81'])).split(':').at(-1) ?? ''
    await eventually('it answers', () => answers(Number(chosen)))
    await slipway.ok(['update', '--publish-rm', `${port}:80`, '--publish-add', `127.0.0.1:${port}:81`, 'web'])
    assert.ok(await answers(port))
    await slipway.ok(['update', '--publish-rm', `${chosen}:81`, 'web'])
    assert.equal(await slipway.ok(['port', 'web']), `81/tcp -> 127.0.0.1:${port}`)
    assert.equal(await answers(Number(chosen)), false)
  })

  await t.test('a removed port is free, and stays away', async () => {
    await slipway.ok(['update', '--publish-rm', '81', 'web'])
    assert.equal(await answers(port), false)
    assert.equal(await slipway.ok(['port', 'web']), '')
    await run('-p', `127.0.0.1:${port}:80`)
    assert.equal(await slipway.ok(['inspect', '--format', '{{json .HostConfig.PortBindings}}', 'web']), '{}')
  })

  await t.test('--ip is where ports are published that name no address, on every network', async () => {
    await slipway.ok(['network', 'create', 'own'])
    for (const network of ['bridge', 'own']) {
      const id = await run('--network', network, '-p', '80')
      assert.match(await slipway.ok(['port', id]), /^80\/tcp -> 127\.0\.0\.1:\d+$/)
    }
    const explicit = await run('-p', '0.0.0.0::80')
    assert.match(await slipway.ok(['port', explicit]), /^80\/tcp -> 0\.0\.0\.0:\d+$/)
  })

  await t.test('what a stopped container publishes holds from its start; a guest publishes nothing', async () => {
    await slipway.ok([
      'create',
      '--name',
      'later',
      '-P',
      '--expose',
      '80',
      '--expose',
      '81',
      'busybox',
      'sh',
      '-c',
      server,
    ])
    await slipway.ok(['update', '--publish-rm', '81', '--publish-add', '82', 'later'])
    await slipway.ok(['start', 'later'])
    const ports = await slipway.ok(['port', 'later'])
    assert.match(ports, /80\/tcp -> 127\.0\.0\.1:\d+/)
    assert.doesNotMatch(ports, /81\/tcp/)
    await slipway.ok(['create', '--name', 'guest', '--network', 'container:web', 'busybox', 'true'])
    const { message } = await slipway.fails(['update', '--publish-add', '80', 'guest'])
    assert.match(message, /conflicting options: port publishing and the container type network mode/)
  })
})
