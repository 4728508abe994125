import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { access, glob, mkdir, open, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { clientNames } from './harness/client.ts'
import { TestEngine } from './harness/engine.ts'
import { TestRegistry } from './harness/registry.ts'
import { run } from './harness/run.ts'
import { openScratch, type Scratch } from './harness/scratch.ts'
import { makeTar } from './harness/tar.ts'

interface World {
  readonly engine: TestEngine
  readonly registry: TestRegistry
  readonly scratch: Scratch
}

/** It still answers, and still runs containers. */
const goesOn = async ({ engine }: World): Promise<void> => {
  assert.equal(await engine.client().ok(['run', '--rm', 'busybox', 'echo', 'still here']), 'still here')
}

const create = (engine: TestEngine, body: Readonly<Record<string, unknown>>, name = '') =>
  engine.ask(`/containers/create?name=${name}`, { method: 'POST', body: JSON.stringify({ Cmd: ['true'], ...body }) })

const names = async (t: TestContext, { engine }: World): Promise<void> => {
  await t.test('an unknown image', async () => {
    const made = await create(engine, { Image: 'nosuch' })
    assert.deepEqual([made.status, made.message], [404, 'No such image: nosuch:latest'])
    const shown = await engine.ask('/images/nosuch/json')
    assert.deepEqual([shown.status, shown.message], [404, 'No such image: nosuch:latest'])
    for (const name of clientNames) {
      const ran = await engine.client(name).fails(['run', 'nosuch'])
      assert.equal(ran.code, 125)
      assert.match(ran.message, /Unable to find image 'nosuch:latest' locally/)
      assert.match(ran.message, /manifest unknown|repository does not exist|not found/)
      const removed = await engine.client(name).fails(['rmi', 'nosuch'])
      assert.match(removed.message, /^Error response from daemon: No such image: nosuch:latest$/)
    }
  })

  await t.test('an unknown container', async () => {
    const [start, shown] = [
      await engine.ask('/containers/nosuch/start', { method: 'POST' }),
      await engine.ask('/containers/nosuch/json'),
    ]
    for (const { status, message } of [start, shown]) {
      assert.deepEqual([status, message], [404, 'No such container: nosuch'])
    }
    for (const name of clientNames) {
      for (const verb of ['stop', 'logs', 'rm', 'port', 'start']) {
        const { code, message } = await engine.client(name).fails([verb, 'nosuch'])
        assert.equal(code, 1)
        assert.match(message, /^Error response from daemon: No such container: nosuch$/m, `${name} ${verb}`)
      }
    }
  })

  await t.test('a name in use', async () => {
    const id = await engine.client().ok(['create', '--name', 'taken', 'busybox'])
    const wanted = `Conflict. The container name "/taken" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`
    const { status, message } = await create(engine, { Image: 'busybox' }, 'taken')
    assert.deepEqual([status, message], [409, wanted])
    for (const name of clientNames) {
      const refused = await engine.client(name).fails(['run', '--name', 'taken', 'busybox'])
      assert.equal(refused.code, 125)
      assert.ok(refused.message.includes(wanted), refused.message)
    }
    await engine.client().ok(['rm', 'taken'])
  })

  await t.test('a bad name and a bad reference', async () => {
    const named = await create(engine, { Image: 'busybox' }, '_bad')
    assert.equal(named.status, 400)
    assert.match(named.message, /^Invalid container name \(_bad\), only \[a-zA-Z0-9\]\[a-zA-Z0-9_\.-\] are allowed$/)
    const made = await create(engine, { Image: 'Bad!' })
    assert.equal(made.status, 400)
    assert.match(made.message, /^invalid reference format/)
    const tagged = await engine.ask('/images/busybox/tag?repo=UPPER&tag=x', { method: 'POST' })
    assert.equal(tagged.status, 400)
    assert.match(tagged.message, /invalid reference format/)
    for (const name of clientNames) {
      const refused = await engine.client(name).fails(['run', 'Bad'])
      assert.match(refused.message, /invalid reference format: repository name \((library\/)?Bad\) must be lowercase/)
    }
  })
}

const ports = async (t: TestContext, world: World): Promise<void> => {
  const { engine } = world
  await t.test('a bad port', async () => {
    const bind = (port: string, hostPort: string) =>
      create(engine, { Image: 'busybox', HostConfig: { PortBindings: { [port]: [{ HostPort: hostPort }] } } })
    for (const [port, hostPort] of [
      ['80/tcp', 'http'],
      ['80/tcp', '70000'],
      ['http/tcp', '80'],
      ['80/tcp', '-1'],
    ] as const) {
      const { status, message } = await bind(port, hostPort)
      assert.equal(status, 400, message)
      assert.match(message, /invalid/i)
    }
    for (const name of clientNames) {
      const { code, message } = await engine.client(name).fails(['run', '-p', '80000:80', 'busybox'])
      assert.equal(code, 125)
      assert.match(message, /invalid hostPort: 80000/)
    }
    assert.equal(await engine.client().ok(['ps', '-aq']), '')
  })

  await t.test('a host port in use, by another program and by another container', async () => {
    const server = createServer().listen(0, '0.0.0.0')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const client = engine.client()
    try {
      const { code, message } = await client.fails(['run', '--name', 'late', '-p', `${port}:80`, 'busybox', 'true'])
      assert.equal(code, 125)
      assert.match(message, new RegExp(`0\\.0\\.0\\.0:${port}.*(address already in use|port is already allocated)`))
    } finally {
      server.close()
    }
    // The port is free now: the container that was made starts.
    await client.ok(['start', '-a', 'late'])
    await client.ok(['rm', 'late'])
    await client.ok(['run', '-d', '--name', 'first', '-p', `${port}:80`, 'busybox', 'sleep', '10000'])
    const { message } = await client.fails(['run', '--name', 'second', '-p', `${port}:80`, 'busybox', 'true'])
    assert.match(message, new RegExp(`Bind for 0\\.0\\.0\\.0:${port} failed: port is already allocated`))
    await client.ok(['rm', '-f', 'first', 'second'])
    await goesOn(world)
  })
}

const dockerfiles = async (t: TestContext, { engine, scratch }: World): Promise<void> => {
  const build = async (text: string) => {
    const context = makeTar([{ name: 'Dockerfile', body: text }])
    return engine.ask('/build', { method: 'POST', body: context, headers: { 'Content-Type': 'application/x-tar' } })
  }
  await t.test('a bad line in a Dockerfile', async () => {
    for (const [text, expected] of [
      ['FROM busybox\nRUM echo\n', /^dockerfile parse error on line 2: unknown instruction: RUM/],
      ['RUN echo\n', /no build stage in current context/],
      ['FROM busybox\nCOPY onlyone\n', /^dockerfile parse error on line 2: COPY requires at least two arguments/],
      ['\n', /cannot be empty|file with no instructions/],
    ] as const) {
      const { status, message } = await build(text)
      assert.equal(status, 400, message)
      assert.match(message, expected)
    }
    const directory = join(scratch.path, 'bad')
    await mkdir(directory)
    await writeFile(join(directory, 'Dockerfile'), 'FROM busybox\nRUM echo\n')
    for (const name of clientNames) {
      const { code, message } = await engine.client(name).fails(['build', directory])
      assert.equal(code, 1)
      assert.match(message, /dockerfile parse error on line 2: unknown instruction: RUM/)
    }
  })

  await t.test('a file that is not in the context', async () => {
    const { status, text } = await build('FROM busybox\nCOPY missing /\n')
    assert.equal(status, 200)
    assert.match(
      text,
      /COPY failed: file not found in build context or excluded by \.dockerignore: stat missing: file does not exist/,
    )
  })

  await t.test('no tar at all, and half of one', async () => {
    const headers = { 'Content-Type': 'application/x-tar' }
    for (const body of [
      randomBytes(2048),
      makeTar([{ name: 'Dockerfile', body: 'FROM busybox\n' }]).subarray(0, 520),
    ]) {
      const { status } = await engine.ask('/build', { method: 'POST', body, headers })
      assert.equal(status, 400)
    }
  })
}

const registries = async (t: TestContext, world: World): Promise<void> => {
  const { engine, registry } = world
  await t.test('a registry that is away', async () => {
    for (const name of clientNames) {
      const client = engine.client(name)
      const pulled = await client.fails(['pull', '127.0.0.1:1/nothing'])
      assert.match(pulled.message, /dial tcp 127\.0\.0\.1:1: connect: connection refused/)
      await client.ok(['tag', 'busybox', '127.0.0.1:1/nothing'])
      assert.match((await client.fails(['push', '127.0.0.1:1/nothing'])).message, /connection refused/)
      await client.ok(['rmi', '127.0.0.1:1/nothing'])
    }
  })

  await t.test('an unknown tag and an unknown repository', async () => {
    const client = engine.client()
    await client.ok(['tag', 'busybox', `${registry.address}/some/box:v1`])
    await client.ok(['push', `${registry.address}/some/box:v1`])
    const noTag = await client.fails(['pull', `${registry.address}/some/box:v2`])
    assert.match(noTag.message, /manifest for .*some\/box:v2 not found: manifest unknown/)
    await client.fails(['pull', `${registry.address}/nobody/nothing`])
    assert.match(
      (await client.fails(['push', `${registry.address}/not/here`])).message,
      /An image does not exist locally with the tag: /,
    )
    assert.match((await client.fails(['push', `${registry.address}/some/box:v9`])).message, /tag does not exist: /)
  })

  await t.test('a blob that was changed in the registry', async () => {
    const client = engine.client()
    const reference = `${registry.address}/some/big:v1`
    await client.ok(['import', '-', reference], { input: makeTar([{ name: 'big', body: randomBytes(300_000) }]) })
    const id = await client.ok(['images', '-q', '--no-trunc', reference])
    await client.ok(['push', reference])
    await client.ok(['rmi', '-f', id])
    // The largest is the layer.
    const blobs = await Array.fromAsync(glob(join(registry.dataRoot, 'content/objects/**/*')))
    const sizes = await Promise.all(blobs.map(async (path) => ({ path, info: await stat(path) })))
    const [layer] = sizes.filter(({ info }) => info.isFile() && info.size > 290_000 && info.size < 400_000)
    assert.ok(layer)
    await using file = await open(layer.path, 'r+')
    await file.write(Buffer.from('corrupt'), 0, 7, 100_000)
    for (const name of clientNames) {
      const { message } = await engine.client(name).fails(['pull', reference])
      assert.match(message, /filesystem layer verification failed for digest sha256:[0-9a-f]{64}|digest mismatch/)
      assert.equal(await client.ok(['images', '-q', reference]), '')
    }
    await goesOn(world)
  })

  await t.test('a wrong password', async () => {
    await registry.addUser('someone', 'right password')
    for (const name of clientNames) {
      const client = engine.client(name)
      const login = ['login', '-u', 'someone', '--password-stdin', registry.address]
      const { message } = await client.fails(login, { input: 'wrong password\n' })
      assert.match(message, /unauthorized|incorrect username or password/)
      assert.doesNotMatch(message, /wrong password/)
    }
    const auth = { username: 'someone', password: 'wrong password', serveraddress: registry.address }
    const { status } = await engine.ask('/auth', { method: 'POST', body: JSON.stringify(auth) })
    assert.equal(status, 401)
    assert.doesNotMatch(engine.log, /wrong password/)
  })
}

const tars = async (t: TestContext, world: World): Promise<void> => {
  const { engine, scratch } = world
  const outside = join(scratch.path, 'outside')
  const isMissing = (path: string) => assert.rejects(access(path), { code: 'ENOENT' }, path)
  await mkdir(outside)
  const hostile = (depth: string) => [
    [{ name: `${depth}..${outside}/up`, body: 'up' }],
    [{ name: `${outside}/absolute`, body: 'absolute' }],
    [
      { name: 'link', linkTo: outside },
      { name: 'link/through', body: 'through' },
    ],
    [
      { name: 'relative', linkTo: `${depth}..${outside}` },
      { name: 'relative/through', body: 'through' },
    ],
    [{ name: 'a/' }, { name: 'a/link', linkTo: '/' }, { name: `a/link${outside}/nested`, body: 'nested' }],
    [{ name: 'hard', hardLinkTo: `${depth}../etc/passwd` }],
  ]
  const depth = '../'.repeat(20)

  await t.test('a layer that tries to leave its root', async () => {
    for (const parts of hostile(depth)) {
      const { status, text } = await engine.ask('/images/create?fromSrc=-&repo=hostile', {
        method: 'POST',
        body: makeTar(parts),
        headers: { 'Content-Type': 'application/x-tar' },
      })
      const refused = status >= 400 || text.includes('errorDetail')
      if (!refused) await engine.client().ok(['rmi', 'hostile'])
      for (const name of ['up', 'absolute', 'through', 'nested']) await isMissing(join(outside, name))
    }
    await goesOn(world)
  })

  await t.test('an image with absolute symbolic links sees only itself through them', async () => {
    const client = engine.client()
    const secret = join(outside, 'secret')
    await writeFile(secret, 'of the host')
    const parts = [{ name: 'etc/' }, { name: 'etc/passwd', linkTo: secret }, { name: 'look', linkTo: secret }]
    await client.ok(['import', '-', 'linked'], { input: makeTar(parts) })
    const directory = join(scratch.path, 'linked')
    await mkdir(directory)
    await writeFile(join(directory, 'Dockerfile'), 'FROM busybox\nCOPY --from=linked /look /copied\nRUN cat /copied\n')
    const { message } = await client.fails(['build', directory])
    assert.doesNotMatch(message, /of the host/)
    await client.ok(['rmi', 'linked'])
  })

  await t.test('a build context that tries to leave its root', async () => {
    for (const parts of hostile(depth)) {
      const context = makeTar([{ name: 'Dockerfile', body: 'FROM busybox\nCOPY . /context\n' }, ...parts])
      await engine.ask('/build', { method: 'POST', body: context, headers: { 'Content-Type': 'application/x-tar' } })
      for (const name of ['up', 'absolute', 'through', 'nested']) await isMissing(join(outside, name))
    }
    const secret = makeTar([
      { name: 'Dockerfile', body: 'FROM busybox\nCOPY look /copied\nRUN cat /copied\n' },
      { name: 'look', linkTo: join(outside, 'secret') },
    ])
    const { text } = await engine.ask('/build', {
      method: 'POST',
      body: secret,
      headers: { 'Content-Type': 'application/x-tar' },
    })
    assert.doesNotMatch(text, /of the host/)
    await goesOn(world)
  })
}

test('bad input is answered as docker answers it, and the daemon goes on', async (t) => {
  await using scratch = await openScratch()
  await using registry = await TestRegistry.start(scratch)
  await using engine = await TestEngine.start(scratch, { registries: registry.asDockerHub })
  await engine.addBusybox()
  const world = { engine, registry, scratch }
  await names(t, world)
  await ports(t, world)
  await dockerfiles(t, world)
  await tars(t, world)
  await registries(t, world)
})

test('a data root without space', async (t) => {
  await using scratch = await openScratch()
  const dataRoot = join(scratch.path, 'small')
  await mkdir(dataRoot)
  assert.equal((await run('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', dataRoot])).code, 0)
  await using engine = await TestEngine.start(scratch, { dataRoot })
  await engine.addBusybox()
  const client = engine.client()
  const big = makeTar([{ name: 'big', body: randomBytes(32 << 20) }])

  await t.test('an image that does not fit is refused, and takes no space', async () => {
    const { message } = await client.fails(['import', '-', 'big'], { input: big })
    assert.match(message, /no space left on device/i)
    assert.equal(await client.ok(['images', '-q', 'big']), '')
    // What was begun is gone: half of it fits again.
    await client.ok(['import', '-', 'half'], { input: makeTar([{ name: 'half', body: randomBytes(4 << 20) }]) })
    await client.ok(['rmi', 'half'])
  })

  await t.test('a context and a step that do not fit are refused', async () => {
    const directory = join(scratch.path, 'context')
    await mkdir(directory)
    await writeFile(join(directory, 'Dockerfile'), 'FROM busybox\nRUN dd if=/dev/urandom of=/big bs=1M count=40\n')
    assert.match((await client.fails(['build', directory])).message, /No space left on device/)
    await writeFile(join(directory, 'big'), randomBytes(32 << 20))
    assert.match((await client.fails(['build', directory])).message, /no space left on device/i)
  })

  await t.test('a container that fills the disk can be removed, and the next one runs', async () => {
    const full = await client.fails(['run', '--name', 'full', 'busybox', 'cp', '/dev/urandom', '/big'])
    assert.match(full.message, /No space left on device/)
    assert.match((await client.fails(['commit', 'full', 'never'])).message, /no space left on device/i)
    await client.ok(['rm', 'full'])
    assert.equal(await client.ok(['run', '--rm', 'busybox', 'echo', 'fits']), 'fits')
  })
})
