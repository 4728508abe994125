import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { TestEngine } from './harness/engine.ts'
import { eventually } from './harness/patience.ts'
import { freePort } from './harness/port.ts'
import { run } from './harness/run.ts'
import { openScratch } from './harness/scratch.ts'

const page = 'mkdir -p /w && echo hello > /w/index.html && exec httpd -f -p 80 -h /w'

const fetchFrom = async (host: string, port: number): Promise<string> =>
  (await run('curl', ['-s', '-m', '20', `http://${host}:${port}/`])).stdout.trim()

/** Whether another program can have the port. */
const isFree = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, ipv6Only: true }, () => server.close(() => resolve(true)))
  })

test('while the daemon is away ports answer on every address, names resolve, and nobody takes the ports', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const docker = engine.client('docker')
  const port = await freePort()
  await docker.ok(['network', 'create', 'names'])
  t.after(() => docker.run(['network', 'rm', 'names']))
  await docker.ok(['run', '-d', '--name', 'web', '--network', 'names', '-p', `${port}:80`, 'busybox', 'sh', '-c', page])
  await docker.ok(['run', '-d', '--name', 'other', '--network', 'names', 'busybox', 'sleep', '100000'])
  const pid = await docker.ok(['inspect', '-f', '{{.State.Pid}}', 'other'])
  const resolve = async (): Promise<string> =>
    (await run('nsenter', ['-t', pid, '-m', '-n', '/bin/busybox', 'nslookup', 'web'])).stdout
  const isServed = async (): Promise<void> => {
    for (const host of ['127.0.0.1', '[::1]']) {
      await eventually(`${host} answers`, async () => (await fetchFrom(host, port)) === 'hello')
    }
    assert.match(await resolve(), /Name:\tweb\nAddress: \d/)
  }
  await isServed()

  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    await engine.stopDaemon(signal)
    await isServed()
    assert.deepEqual([await isFree('0.0.0.0', port), await isFree('::', port)], [false, false])
    await engine.start()
    await isServed()
    const taken = await docker.fails(['run', '-d', '-p', `${port}:80`, 'busybox', 'true'])
    const words = `Bind for 0\\.0\\.0\\.0:${port} failed: port is already allocated`
    const where = 'driver failed programming external connectivity on endpoint \\S+ \\([0-9a-f]{64}\\)'
    assert.match(taken.message, new RegExp(`failed to set up container networking: ${where}: ${words}`))
  }
  await docker.ok(['rm', '-f', 'web'])
  assert.deepEqual([await isFree('0.0.0.0', port), await isFree('::', port)], [true, true])
})
