import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { takeCensus } from './harness/census.ts'
import { TestEngine } from './harness/engine.ts'
import { pageAt } from './harness/page.ts'
import { eventually } from './harness/patience.ts'
import { freePort } from './harness/port.ts'
import { run } from './harness/run.ts'
import { openScratch, type Scratch } from './harness/scratch.ts'

const web = ['busybox', 'sh', '-c', 'mkdir -p /w; echo page > /w/index.html; exec httpd -f -p 80 -h /w']

/** An nft that fails for as long as it is told to. */
const makeFragileNft = async (scratch: Scratch) => {
  const directory = join(scratch.path, 'programs')
  const broken = join(directory, 'broken')
  await mkdir(directory)
  const { stdout: real } = await run('sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin command -v nft'])
  const words = 'Error: Could not process rule: No buffer space available'
  const script = `#!/bin/sh\nif [ -e ${broken} ]; then echo '${words}' >&2; exit 1; fi\nexec ${real.trim()} "$@"\n`
  await writeFile(join(directory, 'nft'), script, { mode: 0o755 })
  return { directory, break: () => writeFile(broken, ''), mend: () => rm(broken) }
}

/** Nobody listens there: it can be taken. */
const assertFree = async (port: number): Promise<void> => {
  const server = createServer()
  server.listen(port)
  await once(server, 'listening')
  await new Promise((resolve) => server.close(resolve))
}

test('nft that fails half-way leaves nothing, and is made up for when it works again', async (t) => {
  await using scratch = await openScratch()
  const nft = await makeFragileNft(scratch)
  await using engine = await TestEngine.start(scratch, { programs: nft.directory })
  await engine.addBusybox()
  const client = engine.client()
  const port = String(await freePort())
  const inspect = (name: string, format: string): Promise<string> => client.ok(['inspect', '-f', format, name])
  const elements = async (): Promise<string> => {
    const { stdout } = await run('nft', ['list', 'table', 'ip', engine.bridge])
    return [...stdout.matchAll(/elements = \{[^}]*\}/g)].join(' ')
  }
  /** Of networks; whether one is up is also for other engines to say. */
  const links = async (): Promise<readonly string[]> => {
    const { stdout } = await run('ip', ['-br', 'link', 'show', 'type', 'bridge'])
    return [...stdout.matchAll(/^br-\S+/gm)].map(([name]) => name)
  }

  for (const name of ['idle', 'second']) await client.ok(['network', 'create', name])
  await client.ok(['run', '-d', '--name', 'web', '-p', `${port}:80`, ...web])
  await client.ok(['run', '-d', '--name', 'plain', '--network', 'idle', '-p', '80', ...web])
  await pageAt(`http://127.0.0.1:${port}/`)
  const [plain = ''] = (await client.ok(['port', 'plain', '80'])).split('\n')
  await pageAt(`http://127.0.0.1:${plain.split(':').at(-1)}/`)
  await nft.break()

  await t.test('a network that can’t be made is not there', async () => {
    const before = await links()
    assert.match((await client.fails(['network', 'create', 'lost'])).message, /nft failed: .*No buffer space available/)
    assert.equal(await client.ok(['network', 'ls', '-q', '--filter', 'name=lost']), '')
    assert.deepEqual(await links(), before)
  })

  await t.test('a container whose port can’t be published doesn’t start, and gives all back', async () => {
    const before = await takeCensus(engine)
    const free = String(await freePort())
    // The quick way needs no nft: somebody else's rule is in its way, and nft is to write all of ours anew.
    const inTheWay = ['add', 'element', 'ip', engine.bridge, 'published', `{ tcp . ${free} : 192.0.2.1 . 80 }`]
    assert.equal((await run('nft', inTheWay)).code, 0)
    const { code, message } = await client.fails(['run', '--name', 'half', '-p', `${free}:80`, ...web])
    assert.equal(code, 125)
    assert.match(message, /failed to set up container networking: driver failed programming external connectivity/)
    assert.match(message, /No buffer space available/)
    assert.equal(await inspect('half', '{{.State.Status}} {{.State.ExitCode}}'), 'created 128')
    await eventually('all is given back', async () => {
      const { cables, networkNamespaces, mounts } = await takeCensus(engine)
      return cables === before.cables && networkNamespaces === before.networkNamespaces && mounts === before.mounts
    })
    await assertFree(Number(free))
  })

  await t.test('what needs no rules goes on', async () => {
    assert.equal(await client.ok(['run', '--rm', 'busybox', 'echo', 'here']), 'here')
    assert.equal(await client.ok(['exec', 'plain', 'wget', '-qO-', 'http://plain']), 'page')
  })

  await t.test('a network that can’t be removed stays as it was', async () => {
    assert.match((await client.fails(['network', 'rm', 'second'])).message, /nft failed/)
    assert.equal(await client.ok(['network', 'ls', '--format', '{{.Name}}', '--filter', 'name=second']), 'second')
  })

  await t.test('a container that can’t join a network is where it was', async () => {
    const before = await inspect('web', '{{json .NetworkSettings.Networks}}')
    const joining = ['network', 'connect', '--gw-priority', '9', 'second', 'web']
    assert.match((await client.fails(joining)).message, /nft failed/)
    assert.deepEqual(JSON.parse(await inspect('web', '{{json .NetworkSettings.Networks}}')), JSON.parse(before))
    await eventually(
      'the cable is gone',
      async () => !(await client.ok(['exec', 'web', 'ip', 'link'])).includes('eth1'),
    )
    assert.equal(await pageAt(`http://127.0.0.1:${port}/`), 'page\n')
  })

  await t.test('a container stops all the same; its rule goes when that is possible', async () => {
    await client.ok(['stop', '-t', '0', 'web'])
    assert.match(await elements(), new RegExp(`tcp \\. ${port} `))
    await nft.mend()
    await eventually('its rule is gone', async () => !(await elements()).includes(` ${port} `))
    await client.ok(['start', 'web'])
    assert.equal(await pageAt(`http://127.0.0.1:${port}/`), 'page\n')
  })

  await t.test('an engine that can’t make its rules says so, and the next start repairs', async () => {
    await nft.break()
    await engine.stopDaemon('SIGKILL')
    await assert.rejects(engine.start(), /nft failed: .*No buffer space available/)
    assert.equal(await pageAt(`http://127.0.0.1:${port}/`), 'page\n', 'its containers go on')
    await nft.mend()
    await engine.start()
    assert.equal(await pageAt(`http://127.0.0.1:${port}/`), 'page\n')
    assert.equal(
      await client.ok(['run', '--rm', '--network', 'idle', 'busybox', 'wget', '-qO-', 'http://plain']),
      'page',
    )
    assert.match(await client.ok(['run', '--rm', '--network', 'second', 'busybox', 'ip', 'addr']), /inet 1/)
    await client.ok(['network', 'rm', 'second'])
    await client.ok(['network', 'create', 'lost'])
  })
})
