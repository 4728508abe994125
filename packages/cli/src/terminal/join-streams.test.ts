import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { joinStreams } from './join-streams.ts'

/** Both ends of a connection, where each may close its direction alone. */
const makeConnection = async (t: TestContext): Promise<{ readonly ours: Socket; readonly theirs: Socket }> => {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const ours = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [theirs] = (await once(server, 'connection')) as [Socket]
  theirs.on('error', () => undefined)
  t.after(() => {
    ours.destroy()
    theirs.destroy()
    server.close()
  })
  return { ours, theirs }
}

const makeTerminal = () => {
  const modes: boolean[] = []
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (mode: boolean) => modes.push(mode) })
  return { modes, stdin, stdout: new PassThrough(), stderr: new PassThrough() }
}

test('on a terminal bytes go through as they are, and the terminal is raw meanwhile', async (t) => {
  const { ours, theirs } = await makeConnection(t)
  const terminal = makeTerminal()
  const joined = joinStreams(terminal, ours, { terminal: true, stdin: true })
  terminal.stdin.write('typed')
  assert.equal(String((await once(theirs, 'data'))[0]), 'typed')
  assert.deepEqual(terminal.modes, [true])
  theirs.end('\u0001\u0000raw bytes')
  assert.equal(await joined, 'closed')
  assert.equal(String(terminal.stdout.read()), '\u0001\u0000raw bytes')
  assert.deepEqual(terminal.modes, [true, false])
  assert.equal(terminal.stdin.listenerCount('data'), 0)
})

test('the detach keys end it at once, after they were handed on', async (t) => {
  const { ours, theirs } = await makeConnection(t)
  const terminal = makeTerminal()
  const heard: Buffer[] = []
  theirs.on('data', (bytes: Buffer) => heard.push(bytes))
  const joined = joinStreams(terminal, ours, { terminal: true, stdin: true, detachKeys: 'ctrl-a,d' })
  terminal.stdin.write(Buffer.from([1]))
  terminal.stdin.write('d')
  assert.equal(await joined, 'detached')
  await once(theirs, 'end')
  assert.deepEqual(Buffer.concat(heard), Buffer.from([1, 100]))
  assert.deepEqual(terminal.modes, [true, false])
})

test('a connection that breaks is a closed one', async (t) => {
  const { ours, theirs } = await makeConnection(t)
  const joined = joinStreams(makeTerminal(), ours, { terminal: true, stdin: false })
  theirs.resetAndDestroy()
  assert.equal(await joined, 'closed')
})
