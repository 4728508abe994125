import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { UnixDatagram } from '@slipway/linux'
import { type ContainerRecord, neverRun } from '../records.ts'
import { detailsOf, tagOf } from './attributes.ts'
import { tcpStream, unixDatagrams } from './channel.ts'
import type { LogEntry } from './entry.ts'
import { ForwardSink } from './forward.ts'
import { hasJournal, journalFormat } from './journald.ts'
import { checkSyslogOptions, syslogFormat } from './syslog.ts'

const record: ContainerRecord = {
  id: `${'c0ffee'.repeat(10)}c0ff`,
  name: 'web',
  createdAt: '',
  imageId: `sha256:${'ab'.repeat(32)}`,
  definition: {
    image: 'busybox:latest',
    config: {
      Labels: { app: 'shop', 'com.x.team': 'blue', other: '1' },
      Env: ['A=1', 'B=two=2', 'NAKED'],
      Cmd: ['true'],
    },
    hostConfig: {},
    endpoints: {},
  },
  state: neverRun,
}

const entry = (log: string, stream: LogEntry['stream'] = 'stdout'): LogEntry => ({
  log,
  stream,
  time: '2024-02-03T04:05:06.123456789Z',
})

const receiverIn = async (t: TestContext) => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-collector-'))
  t.after(() => rm(directory, { recursive: true }))
  const path = join(directory, 'socket')
  const listen = (): UnixDatagram => {
    const socket = UnixDatagram.listen(path)
    t.after(() => socket[Symbol.dispose]())
    return socket
  }
  return { path, listen }
}

const receive = async (socket: UnixDatagram): Promise<Buffer> => {
  for (;;) {
    const bytes = socket.receive()
    if (bytes !== undefined) return bytes
    await sleep(5)
  }
}

test('tagOf() fills in docker’s fields, and refuses others', () => {
  assert.equal(tagOf('{{.Name}}/{{ .ID }}', record), 'web/c0ffeec0ffee')
  assert.equal(tagOf('{{.ImageName}} {{.ImageID}} {{.Command}}', record), 'busybox:latest abababababab true')
  assert.throws(() => tagOf('{{.Nosuch}}', record), { code: 'invalid' })
  assert.throws(() => tagOf('{{constructor}}', record), { code: 'invalid' })
})

test('detailsOf() picks labels and variables by name and by pattern', () => {
  assert.deepEqual(detailsOf(record, { labels: 'app,nosuch', env: 'B,NAKED', tag: '{{.Name}}' }), {
    app: 'shop',
    B: 'two=2',
    tag: 'web',
  })
  assert.deepEqual(detailsOf(record, { 'labels-regex': '^com\\.', 'env-regex': 'A' }), { 'com.x.team': 'blue', A: '1' })
  assert.throws(() => detailsOf(record, { 'labels-regex': '(' }), { code: 'invalid' })
})

test('a line for syslog is as dockerd writes it, in each format', () => {
  const line = (options: Record<string, string>, one = entry('hello\n')): string =>
    syslogFormat(record, options)(one).toString()
  assert.match(line({}), /^<30>Feb +\d+ \d\d:\d\d:06 c0ffeec0ffee\[\d+\]: hello\n$/)
  assert.match(line({ tag: 't' }, entry('oops\n', 'stderr')), /^<27>.* t\[\d+\]: oops\n$/)
  assert.match(
    line({ 'syslog-format': 'rfc3164', 'syslog-facility': 'local3' }),
    /^<158>Feb .* \S+ c0ffeec0ffee\[\d+\]: hello\n$/,
  )
  assert.match(line({ 'syslog-format': 'rfc5424', tag: 'x' }), /^<30>1 2024-02-03T04:05:06Z \S+ x \d+ x - hello\n$/)
  assert.match(line({ 'syslog-format': 'rfc5424micro' }), /^<30>1 2024-02-03T04:05:06\.123456Z /)
  const counted = line({ 'syslog-format': 'rfc5424', 'syslog-address': 'tcp+tls://log.example:6514' })
  const [, length, rest] = /^(\d+) (.*)$/s.exec(counted) ?? []
  assert.equal(Number(length), Buffer.byteLength(rest ?? ''))
})

for (const [options, words] of [
  [{ 'syslog-address': 'http://x' }, "unsupported scheme: 'http'"],
  [{ 'syslog-address': 'unix:///nosuch/socket' }, 'stat /nosuch/socket: no such file or directory'],
  [{ 'syslog-address': 'udp://:514' }, 'invalid syslog address: udp://:514'],
  [{ 'syslog-facility': 'nosuch' }, 'invalid syslog facility'],
  [{ 'syslog-format': 'nosuch' }, 'Invalid syslog format'],
] as const) {
  test(`syslog refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => checkSyslogOptions(options), { code: 'invalid', message: words })
  })
}

test('the journal gets docker’s fields, and text with newlines by its length', async (t) => {
  const { path, listen } = await receiverIn(t)
  assert.equal(hasJournal(path), false)
  const socket = listen()
  assert.equal(hasJournal(path), true)
  const format = journalFormat(record, { tag: '{{.Name}}', labels: 'com.x.team' })
  const failures: unknown[] = []
  using sink = new ForwardSink({
    open: unixDatagrams(path),
    format,
    limit: 1e6,
    onFailure: (error) => failures.push(error),
  })
  sink.write([entry('hello\n'), entry('no\nend', 'stderr')])
  const [first, second] = [(await receive(socket)).toString(), await receive(socket)]
  for (const line of [
    'MESSAGE=hello',
    'PRIORITY=6',
    'CONTAINER_NAME=web',
    'COM_X_TEAM=blue',
    'SYSLOG_IDENTIFIER=web',
  ]) {
    assert.ok(first.split('\n').includes(line), line)
  }
  assert.ok(first.includes(`CONTAINER_ID_FULL=${record.id}\n`))
  const start = 'MESSAGE\n'.length
  assert.equal(second.toString('utf8', 0, start), 'MESSAGE\n')
  assert.equal(second.readBigUInt64LE(start), 6n)
  assert.equal(second.toString('utf8', start + 8, start + 8 + 7), 'no\nend\n')
  assert.match(second.toString(), /PRIORITY=3\nSYSLOG_TIMESTAMP=.*\nCONTAINER_PARTIAL_MESSAGE=true\n/)
  assert.deepEqual(failures, [])
})

test('what a collector can not take waits for it, up to the limit', async (t) => {
  const { path, listen } = await receiverIn(t)
  const failures: unknown[] = []
  const format = ({ log }: LogEntry): Buffer => Buffer.from(log)
  using sink = new ForwardSink({
    open: unixDatagrams(path),
    format,
    limit: 9,
    onFailure: (error) => failures.push(error),
  })
  sink.write([entry('1234'), entry('5678'), entry('dropped')])
  assert.equal(failures.length, 2)
  const socket = listen()
  assert.equal((await receive(socket)).toString(), '1234')
  assert.equal((await receive(socket)).toString(), '5678')
  sink.write([entry('later')])
  assert.equal((await receive(socket)).toString(), 'later')
})

test('lines arrive in order over TCP, also after the collector was away, and the last before the end', async (t) => {
  let text = ''
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('data', (bytes) => {
      text += bytes.toString()
      server.emit('came')
    })
    socket.on('error', () => undefined)
  })
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const format = ({ log }: LogEntry): Buffer => Buffer.from(log)
  const sink = new ForwardSink({ open: tcpStream('127.0.0.1', port), format, limit: 1e7, onFailure: () => undefined })
  const until = async (end: string): Promise<void> => {
    while (!text.endsWith(end)) await once(server, 'came')
  }
  const lines = Array.from({ length: 20_000 }, (_, n) => entry(`line ${n}\n`))
  sink.write(lines)
  await until('line 19999\n')
  assert.equal(text, lines.map(({ log }) => log).join(''))
  for (const socket of sockets) socket.destroy()
  // It may take a line or two until the loss is noticed: what was sent into nowhere is lost, as with dockerd.
  while (!text.endsWith('again\n')) {
    sink.write([entry('again\n')])
    await sleep(20)
  }
  sink.write([entry('the last\n')])
  sink[Symbol.dispose]()
  await until('the last\n')
  for (const socket of sockets) socket.destroy()
})
