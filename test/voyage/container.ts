import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { eventually } from '../harness/patience.ts'
import type { Stage } from './stage.ts'

/** 2. A shell in a real terminal; what it changes stays in its container. */
export const runShell = async (t: TestContext, { client }: Stage): Promise<void> => {
  await t.test('2. run -t -i gives a shell in a terminal, with its size and its exit code', async () => {
    using terminal = client.terminal(['run', '-t', '-i', '--name', 'test_container', 'debian:bookworm', '/bin/bash'])
    await terminal.see(/root@[0-9a-f]{12}:\/#/)
    terminal.type('tty; echo "user $((20 + 22)) $(id -u)"\r')
    await terminal.see(/\n\/dev\/pts\/0\nuser 42 0\n/)
    terminal.type('stty size\r')
    await terminal.see(/\n24 80\n/)
    terminal.resize(100, 40)
    await eventually('the new size arrives', async () => {
      terminal.type('stty size\r')
      return (await terminal.see(/\n(\d+ \d+)\n/))[1] === '40 100'
    })
    terminal.type('echo Hello, sailor > /etc/motd; mkdir /srv/cargo; rm /etc/issue; echo "done $((1 + 1))"\r')
    await terminal.see(/done 2/)
    terminal.type('exit 7\r')
    assert.equal(await terminal.exitCode, 7)
  })

  await t.test('2. what was changed stays in the container, and the image is as it was', async () => {
    const changes = (await client.ok(['diff', 'test_container'])).split('\n')
    for (const line of ['C /etc/motd', 'A /srv/cargo', 'D /etc/issue']) assert.ok(changes.includes(line), line)
    const fresh = await client.ok(['run', '--rm', 'debian:bookworm', 'sh', '-c', 'cat /etc/motd; ls /srv /etc/issue'])
    assert.doesNotMatch(fresh, /sailor|cargo/)
    assert.match(fresh, /\/etc\/issue/)
  })

  await t.test('2. a stopped container can be started again and has its files', async () => {
    using terminal = client.terminal(['start', '-a', '-i', 'test_container'])
    terminal.type('cat /etc/motd; exit 3\r')
    await terminal.see(/\nHello, sailor\n/)
    assert.equal(await terminal.exitCode, 3)
    assert.match(await client.ok(['ps', '-a', '--format', '{{.Names}} {{.Status}}']), /^test_container Exited \(3\) /m)
  })
}

/** 3. The difference becomes a layer. */
export const commitChanges = async (t: TestContext, { client }: Stage): Promise<void> => {
  await t.test('3. commit stores only the difference, with its message and author', async () => {
    const author = 'Grace Hopper <grace@example.com>'
    const id = await client.ok([
      'commit',
      '-m',
      'a new image',
      `--author=${author}`,
      'test_container',
      'user/name:test',
    ])
    assert.match(id, /^sha256:[0-9a-f]{64}$/)
    assert.equal(
      await client.ok(['inspect', '--format', '{{.Id}} {{.Author}} {{.Comment}}', 'user/name:test']),
      [id, author, 'a new image'].join(' '),
    )
    const layers = async (image: string): Promise<readonly string[]> =>
      JSON.parse(await client.ok(['inspect', '--type', 'image', '--format', '{{json .RootFS.Layers}}', image]))
    const [before, after] = [await layers('debian:bookworm'), await layers('user/name:test')]
    assert.deepEqual(after.slice(0, -1), before)
    assert.equal(await client.ok(['run', '--rm', 'user/name:test', 'cat', '/etc/motd']), 'Hello, sailor')
    const missing = await client.fails(['run', '--rm', 'user/name:test', 'cat', '/etc/issue'])
    assert.match(missing.message, /No such file/)
  })

  await t.test('3. history shows the new layer on top, and how small it is', async () => {
    const lines = (
      await client.ok(['history', '--format', '{{.Comment}}|{{.CreatedBy}}|{{.Size}}', 'user/name:test'])
    ).split('\n')
    assert.equal(lines.length, 2)
    assert.match(lines[0] ?? '', /^a new image\|\/bin\/bash\|\d+(\.\d+)?k?B$/)
    assert.match(lines[1] ?? '', /\d+MB$/)
  })

  await t.test('7. commit without a name makes an image without one', async () => {
    const id = await client.ok(['commit', 'test_container'])
    assert.match(await client.ok(['images', '--filter', 'dangling=true', '-q', '--no-trunc']), new RegExp(id))
    assert.equal(await client.ok(['run', '--rm', id, 'cat', '/etc/motd']), 'Hello, sailor')
    await client.ok(['rmi', id])
    assert.equal(await client.ok(['rm', 'test_container']), 'test_container')
  })
}
