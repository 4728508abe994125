import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { pageAt } from '../harness/page.ts'
import { eventually } from '../harness/patience.ts'
import type { Stage } from './stage.ts'

/** 7. What one does with a container that runs, until it is gone. */
export const visitWeb = async (t: TestContext, { client, registry }: Stage): Promise<void> => {
  const image = `${registry.address}/user/web:v1`
  const portOfWeb = async (): Promise<string> =>
    (await client.ok(['port', 'web', '8080'])).split('\n')[0]?.split(':').at(-1) ?? ''

  await t.test('7. exec -i -t gives a second shell in it', async () => {
    using terminal = client.terminal(['exec', '-i', '-t', 'web', '/bin/sh'])
    await terminal.see(/# /)
    terminal.type('tr "\\0" " " < /proc/1/cmdline; echo; tty\r')
    await terminal.see(/nginx: master process nginx -g daemon off;/)
    await terminal.see(/\/dev\/pts\/\d/)
    terminal.type('exit 5\r')
    assert.equal(await terminal.exitCode, 5)
  })

  await t.test('7. logs shows what it said, logs -f goes on until it ends', async () => {
    const port = await portOfWeb()
    await pageAt(`http://127.0.0.1:${port}/first`)
    await eventually('the request is logged', async () =>
      (await client.ok(['logs', 'web'])).includes('GET /first HTTP/1.1'),
    )
    const following = client.spawn(['logs', '-f', '--tail', '1', 'web'])
    let seen = ''
    following.stdout.on('data', (bytes) => {
      seen += bytes
    })
    const over = once(following, 'close')
    await eventually('the last line is shown', () => seen.includes('GET /first'))
    await pageAt(`http://127.0.0.1:${port}/second`)
    await eventually('the next line follows', () => seen.includes('GET /second'))
    assert.equal(seen.trim().split('\n').length, 2, seen)
    assert.equal(await client.ok(['stop', 'web']), 'web')
    assert.deepEqual(await over, [0, null])
  })

  await t.test('7. ps -a shows that it ended, and start brings it back', async () => {
    assert.equal(await client.ok(['ps', '-q', '--filter', 'name=web']), '')
    assert.match(await client.ok(['ps', '-a', '--filter', 'name=web', '--format', '{{.Status}}']), /^Exited \(0\) /)
    assert.equal(await client.ok(['start', 'web']), 'web')
    assert.match(await pageAt(`http://127.0.0.1:${await portOfWeb()}/`), /Welcome to nginx!/)
  })

  await t.test('7. rm refuses while it runs, and rmi while it is used', async () => {
    assert.match(
      (await client.fails(['rm', 'web'])).message,
      /cannot remove container ".*web": container is running: stop the container before removing or force remove/,
    )
    assert.match(
      (await client.fails(['rmi', image])).message,
      /conflict: unable to remove repository reference ".*" \(must force\) - container [0-9a-f]{12} is using its referenced image [0-9a-f]{12}/,
    )
  })

  await t.test('7. stop, rm, images, rmi', async () => {
    assert.equal(await client.ok(['stop', '-t', '5', 'web']), 'web')
    assert.equal(await client.ok(['rm', 'web']), 'web')
    assert.match(await client.ok(['images']), /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\n/)
    assert.match(await client.ok(['rmi', image]), /^Untagged: /m)
    assert.equal(await client.ok(['images', '-q', image]), '')
    assert.equal(await client.ok(['ps', '-a', '-q']), '')
  })
}
