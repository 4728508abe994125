import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import type { TestContext } from 'node:test'
import { pageAt } from '../harness/page.ts'
import { freePort } from '../harness/port.ts'
import type { Stage } from './stage.ts'

/** An address of this machine that isn't its loopback. */
const hostAddress = (bridge: string): string =>
  Object.entries(networkInterfaces())
    .filter(([name]) => name !== bridge && !name.startsWith('swt'))
    .flatMap(([, addresses = []]) => addresses)
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'

/** 6. The image runs, from the registry, and its port answers. */
export const publishWeb = async (t: TestContext, { client, engine, registry }: Stage): Promise<void> => {
  const image = `${registry.address}/user/web:v1`

  await t.test('6. run pulls what is missing and starts it in the background', async () => {
    const { code, stdout, stderr } = await client.run(['run', '-d', '-p', '8080', '--name', 'web', image])
    assert.equal(code, 0, stderr)
    assert.match(stderr, new RegExp(`^Unable to find image '${image}' locally$`, 'm'))
    assert.match(stdout, /^[0-9a-f]{64}$/m)
  })

  await t.test('6. ps and port show the random host port, and it answers with nginx’s page', async () => {
    const ports = await client.ok(['ps', '--filter', 'name=web', '--format', '{{.Ports}}'])
    const port = /^0\.0\.0\.0:(\d+)->8080\/tcp/.exec(ports)?.[1]
    assert.ok(port, ports)
    assert.match(await client.ok(['port', 'web', '8080']), new RegExp(`^0\\.0\\.0\\.0:${port}$`, 'm'))
    for (const host of ['127.0.0.1', hostAddress(engine.bridge), '[::1]']) {
      assert.match(await pageAt(`http://${host}:${port}/`), /Welcome to nginx!/, host)
    }
    assert.equal(await pageAt(`http://127.0.0.1:${port}/exec.txt`), 'exec form\n')
  })

  await t.test('6. a fixed host port', async () => {
    const port = await freePort()
    await client.ok(['run', '-d', '--name', 'fixed', '-p', `127.0.0.1:${port}:8080`, image])
    assert.equal(await client.ok(['port', 'fixed']), `8080/tcp -> 127.0.0.1:${port}`)
    assert.match(await pageAt(`http://127.0.0.1:${port}/`), /Welcome to nginx!/)
    assert.equal(await client.ok(['rm', '-f', 'fixed']), 'fixed')
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`))
  })

  await t.test('7. run --net host sees the host’s interfaces', async () => {
    const links = await client.ok(['run', '--rm', '--net', 'host', 'busybox', 'ip', 'link'])
    assert.match(links, new RegExp(` ${engine.bridge}: `))
    assert.doesNotMatch(await client.ok(['run', '--rm', 'busybox', 'ip', 'link']), new RegExp(engine.bridge))
  })
}
