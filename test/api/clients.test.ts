import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { type TestContext, test } from 'node:test'
import Docker from 'dockerode'
import { TestEngine } from '../harness/engine.ts'
import { freePort } from '../harness/port.ts'
import { openScratch } from '../harness/scratch.ts'

const client = (engine: TestEngine): Docker => new Docker({ socketPath: engine.socket })

/** What a process wrote, its two streams taken apart as dockerode does it. */
const outputOf = async (
  docker: Docker,
  stream: NodeJS.ReadWriteStream,
): Promise<{ stdout: string; stderr: string }> => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  docker.modem.demuxStream(stream, stdout, stderr)
  const [out, err] = [text(stdout), text(stderr)]
  await finished(stream, { writable: false })
  stdout.end()
  stderr.end()
  return { stdout: await out, stderr: await err }
}

const withDockerode = async (t: TestContext, engine: TestEngine): Promise<void> => {
  const docker = client(engine)

  await t.test('dockerode runs a container, attached', async () => {
    const container = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['sh', '-c', 'cat; echo e >&2'],
      OpenStdin: true,
      StdinOnce: true,
    })
    const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true })
    const output = outputOf(docker, stream)
    const ended = container.wait({ condition: 'next-exit' })
    await container.start()
    stream.end('through stdin\n')
    assert.deepEqual(await output, { stdout: 'through stdin\n', stderr: 'e\n' })
    assert.deepEqual(await ended, { StatusCode: 0 })
    const logs = await container.logs({ stdout: true, stderr: false })
    assert.match(logs.toString(), /through stdin\n$/)
    await container.remove()
    await assert.rejects(container.inspect(), { statusCode: 404 })
  })

  await t.test('dockerode executes, copies, and takes stats', async () => {
    const container = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['sleep', '1000'],
      Labels: { of: 'dockerode' },
    })
    await container.start()
    const exec = await container.exec({
      Cmd: ['sh', '-c', 'echo out; echo err >&2; exit 3'],
      AttachStdout: true,
      AttachStderr: true,
    })
    assert.deepEqual(await outputOf(docker, await exec.start({})), { stdout: 'out\n', stderr: 'err\n' })
    assert.equal((await exec.inspect()).ExitCode, 3)

    const tar = await text(await container.getArchive({ path: '/etc/hostname' }))
    await container.putArchive(Buffer.from(tar, 'latin1'), { path: '/tmp' })
    assert.match(await text(await container.getArchive({ path: '/tmp/hostname' })), /^hostname\0/)

    const stats = await container.stats({ stream: false })
    assert.ok(stats.memory_stats.usage > 0 && stats.cpu_stats.cpu_usage.total_usage > 0)
    const [listed] = await docker.listContainers({ filters: { label: ['of=dockerode'] } })
    assert.equal(listed?.Id, container.id)
    await container.remove({ force: true })
  })

  await t.test('dockerode follows events', async () => {
    const events = await docker.getEvents({ filters: { event: ['create'], type: ['container'] } })
    const first = new Promise<Buffer>((resolve) => events.once('data', resolve))
    const container = await docker.createContainer({ Image: 'busybox', Cmd: ['true'] })
    assert.equal((JSON.parse((await first).toString()) as { Actor: { ID: string } }).Actor.ID, container.id)
    ;(events as NodeJS.ReadableStream & { destroy(): void }).destroy()
    await container.remove()
  })
}

/** It reads its settings when it is loaded. */
const loadTestcontainers = async (engine: TestEngine) => {
  process.env['DOCKER_HOST'] = engine.host
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'
  process.env['TESTCONTAINERS_HOST_OVERRIDE'] = '127.0.0.1'
  return import('testcontainers')
}

const server = 'mkdir /www && echo served >/www/index.html && echo ready to serve && httpd -f -p 8080 -h /www'

const withTestcontainers = async (t: TestContext, engine: TestEngine): Promise<void> => {
  const { GenericContainer, Network, Wait } = await loadTestcontainers(engine)

  await t.test('testcontainers waits for a line of the log', async () => {
    await using container = await new GenericContainer('busybox')
      .withCommand(['sh', '-c', `${server}`])
      .withExposedPorts(8080)
      .withWaitStrategy(Wait.forLogMessage('ready to serve'))
      .start()
    const logs = await container.logs()
    const [line] = (await once(logs, 'data')) as [Buffer | string]
    assert.match(String(line), /ready to serve/)
    logs.destroy()
  })

  await t.test('testcontainers waits for a port, and reaches it', async () => {
    await using container = await new GenericContainer('busybox')
      .withCommand(['sh', '-c', server])
      .withExposedPorts({ container: 8080, host: await freePort() })
      .withWaitStrategy(Wait.forListeningPorts())
      .start()
    const answer = await fetch(`http://${container.getHost()}:${container.getMappedPort(8080)}/`)
    assert.equal(await answer.text(), 'served\n')
  })

  await t.test('testcontainers waits for health, executes and copies', async () => {
    await using container = await new GenericContainer('busybox')
      .withCommand(['sleep', '1000'])
      .withCopyContentToContainer([{ content: 'put in', target: '/in.txt' }])
      .withHealthCheck({ test: ['CMD-SHELL', 'test -f /in.txt'], interval: 250, retries: 20, timeout: 10_000 })
      .withWaitStrategy(Wait.forHealthCheck())
      .start()
    const { output, exitCode } = await container.exec(['cat', '/in.txt'])
    assert.deepEqual([output, exitCode], ['put in', 0])
    assert.match(await text(await container.copyArchiveFromContainer('/in.txt')), /put in/)
    await container.restart()
    assert.equal((await container.exec(['false'])).exitCode, 1)
  })

  await t.test('testcontainers puts containers on a network', async () => {
    await using network = await new Network().start()
    await using backend = await new GenericContainer('busybox')
      .withCommand(['sh', '-c', server])
      .withNetwork(network)
      .withNetworkAliases('backend')
      .withWaitStrategy(Wait.forLogMessage('ready to serve'))
      .start()
    await using visitor = await new GenericContainer('busybox')
      .withCommand(['sleep', '1000'])
      .withNetwork(network)
      .start()
    const fetched = await visitor.exec(['sh', '-c', 'until wget -qO- http://backend:8080/; do sleep 0.2; done'])
    assert.equal(fetched.output, 'served\n')
    assert.ok(backend.getIpAddress(network.getName()))
  })
}

test('programs that speak the API find what they know', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  await withDockerode(t, engine)
  await withTestcontainers(t, engine)
})
