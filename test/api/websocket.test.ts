import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { WebSocket } from 'ws'
import { TestEngine } from '../harness/engine.ts'
import { openScratch } from '../harness/scratch.ts'

interface Attached {
  readonly socket: WebSocket
  /** All that has come, once it is closed. */
  readonly output: Promise<string>
  /** Resolves when what has come so far holds this. */
  until(text: string): Promise<void>
  readonly kinds: Set<'binary' | 'text'>
}

/** Attaches to a container; ends with the test. */
const attach = async (t: TestContext, engine: TestEngine, name: string, query: string, version = '1.51') => {
  const socket = new WebSocket(`ws+unix://${engine.socket}:/v${version}/containers/${name}/attach/ws?${query}`)
  t.after(() => socket.terminate())
  let seen = ''
  const kinds = new Set<'binary' | 'text'>()
  socket.on('message', (bytes: Buffer, isBinary) => {
    seen += bytes.toString()
    kinds.add(isBinary ? 'binary' : 'text')
    socket.emit('seen')
  })
  const until = async (text: string): Promise<void> => {
    while (!seen.includes(text)) await once(socket, 'seen')
  }
  await once(socket, 'open')
  const output = once(socket, 'close').then(() => seen)
  return { socket, output, until, kinds } satisfies Attached
}

test('a container is attached to over a WebSocket', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const docker = engine.client()
  const start = (name: string): Promise<string> => docker.ok(['start', name])
  const create = (name: string, options: readonly string[], script: string): Promise<string> =>
    docker.ok(['create', '--name', name, ...options, 'busybox', 'sh', '-c', script])

  await t.test('what is typed comes back, from before the start, until the process ends', async (t) => {
    await create('echo', ['-i'], 'read a; echo "got $a"; read b; echo "then $b" >&2')
    const { socket, output, until, kinds } = await attach(t, engine, 'echo', 'stream=1&stdin=1&stdout=1&stderr=1')
    socket.send('early\n')
    await start('echo')
    await until('got early\n')
    socket.send(Buffer.from('late\n'))
    assert.equal(await output, 'got early\nthen late\n')
    assert.deepEqual([...kinds], ['binary'])
  })

  await t.test('only the streams that are asked for', async (t) => {
    await create('both', ['-i'], 'echo out; echo err >&2; read x; echo "$x"')
    const onlyErr = await attach(t, engine, 'both', 'stream=1&stderr=1')
    const onlyOut = await attach(t, engine, 'both', 'stream=1&stdout=1&stdin=1')
    await start('both')
    // Not taken from who has not asked for stdin.
    onlyErr.socket.send('ignored\n')
    await onlyErr.until('err\n')
    onlyOut.socket.send('taken\n')
    assert.equal(await onlyOut.output, 'out\ntaken\n')
    assert.equal(await onlyErr.output, 'err\n')
  })

  await t.test('logs=1 gives what was, of the streams asked for', async (t) => {
    const { output } = await attach(t, engine, 'both', 'logs=1&stdout=1')
    assert.equal(await output, 'out\ntaken\n')
  })

  await t.test('closing it ends the stdin of a container that has one client', async (t) => {
    await create('reader', ['-i', '--attach', 'stdin', '--attach', 'stdout'], 'cat >/seen; wc -c </seen')
    const { socket } = await attach(t, engine, 'reader', 'stream=1&stdin=1&stdout=1')
    await start('reader')
    socket.send('12345')
    socket.close()
    assert.equal(await docker.ok(['wait', 'reader']), '0')
    assert.equal(await docker.ok(['logs', 'reader']), '5')
  })

  await t.test('a terminal, and the keys that leave it', async (t) => {
    await create('shell', ['-it'], 'stty -echo; echo ready; read x; echo "got $x"; sleep 1000')
    const { socket, output, until } = await attach(t, engine, 'shell', 'stream=1&stdin=1&stdout=1&detachKeys=ctrl-x,y')
    await start('shell')
    await until('ready')
    socket.send('me\r')
    await until('got me')
    socket.send(Buffer.from([24, 121]))
    assert.match(await output, /got me\r\n$/)
    assert.equal(await docker.ok(['inspect', '--format', '{{.State.Status}}', 'shell']), 'running')
  })

  await t.test('clients before 1.28 get text, those before 1.42 all streams', async (t) => {
    await create('old', ['-i'], 'read a; echo "got $a"')
    const old = await attach(t, engine, 'old', 'stream=1', '1.27')
    const newer = await attach(t, engine, 'old', 'stream=1', '1.41')
    await start('old')
    old.socket.send('x\n')
    assert.equal(await old.output, 'got x\n')
    assert.equal(await newer.output, 'got x\n')
    assert.deepEqual([[...old.kinds], [...newer.kinds]], [['text'], ['binary']])
  })

  await t.test('megabytes come whole, however slowly they are read', async (t) => {
    await create('much', [], 'head -c 8000000 /dev/zero')
    const { socket, output } = await attach(t, engine, 'much', 'stream=1&stdout=1')
    socket.pause()
    await start('much')
    socket.resume()
    assert.equal((await output).length, 8_000_000)
  })

  await t.test('who asks for none, or for what is not there, gets an answer', async (t) => {
    const plain = await engine.ask('/containers/shell/attach/ws?stream=1')
    assert.deepEqual([plain.status, plain.message], [400, 'not websocket protocol'])
    await assert.rejects(attach(t, engine, 'nosuch', 'stream=1'), /Unexpected server response: 404/)
    await assert.rejects(attach(t, engine, 'shell', 'stream=1&detachKeys=bad'), /Unexpected server response: 400/)
  })
})
