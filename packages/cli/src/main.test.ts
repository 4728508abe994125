import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { cliMain } from './main.ts'

/** An answer: a status and JSON, or whatever it does itself. */
type Answer = readonly [status: number, body?: unknown] | ((request: IncomingMessage, response: ServerResponse) => void)
/** `METHOD /path` without the version. */
type Answers = Readonly<Record<string, Answer>>

interface Outcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

interface Engine {
  readonly asked: string[]
  /** `frames` go to whoever attaches; what is written to it is kept. */
  readonly run: (line: string, stdin?: string) => Promise<Outcome>
}

const frame = (stream: number, content: string): Buffer => {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(Buffer.byteLength(content), 4)
  return Buffer.concat([header, Buffer.from(content)])
}

/** What an attached process does with its streams. */
type Process = (socket: Socket) => void | Promise<void>

/** An engine that knows nothing but its answers, and the client against it, in one process. */
const makeEngine = async (
  t: TestContext,
  answers: Answers,
  process: Process = (socket) => void socket.end(),
): Promise<Engine> => {
  const asked: string[] = []
  const keyOf = ({ method, url = '' }: IncomingMessage): string => {
    const path = new URL(url, 'http://x').pathname.replace(/^\/v[\d.]+/, '')
    asked.push(`${method} ${path}`)
    return `${method} ${path}`
  }
  const server = createServer((request, response) => {
    const found = answers[keyOf(request)]
    if (typeof found === 'function') return found(request, response)
    request.resume()
    const [status, body] = found ?? (request.url?.includes('_ping') ? [200] : [404, { message: 'page not found' }])
    response.writeHead(status, { 'api-version': '1.51' }).end(body === undefined ? undefined : JSON.stringify(body))
  })
  server.on('upgrade', (request, socket) => {
    keyOf(request)
    ;(socket as Socket).allowHalfOpen = true
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
    void process(socket as Socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const config = await mkdtemp(join(tmpdir(), 'swt-cli-'))
  t.after(async () => {
    server.closeAllConnections()
    server.close()
    await rm(config, { recursive: true })
  })
  const host = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`
  const run = async (line: string, stdin = ''): Promise<Outcome> => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    const written = Promise.all([text(stdout), text(stderr)])
    const console = { stdin: Readable.from([Buffer.from(stdin)], { objectMode: false }), stdout, stderr }
    const env = { SLIPWAY_HOST: host, DOCKER_CONFIG: config }
    const words = line.split(' ').filter((word) => word !== '')
    const exitCode = await cliMain(words, { console, env })
    stdout.end()
    stderr.end()
    const [out, err] = await written
    return { exitCode, stdout: out, stderr: err }
  }
  return { asked, run }
}

const lifeOf = (id: string, exit: unknown): Answers => ({
  'POST /containers/create': [201, { Id: id, Warnings: [] }],
  [`POST /containers/${id}/start`]: [204],
  [`POST /containers/${id}/wait`]: [200, exit],
})

test('run attaches, waits and starts in this order, and gives the exit code of the container', async (t) => {
  const engine = await makeEngine(t, lifeOf('c1', { StatusCode: 42 }), (socket) => {
    socket.write(frame(1, 'out'))
    socket.end(frame(2, 'err'))
  })
  assert.deepEqual(await engine.run('run --rm img true'), { exitCode: 42, stdout: 'out', stderr: 'err' })
  assert.deepEqual(engine.asked, [
    'HEAD /_ping',
    'POST /containers/create',
    'POST /containers/c1/attach',
    'POST /containers/c1/wait',
    'POST /containers/c1/start',
  ])
})

test('run -i sends stdin, its end, and hears the answer to all of it', async (t) => {
  const engine = await makeEngine(t, lifeOf('c1', { StatusCode: 0 }), async (socket) => {
    socket.end(frame(1, `heard ${await text(socket)}`))
  })
  assert.deepEqual(await engine.run('run -i img cat', 'some words'), {
    exitCode: 0,
    stdout: 'heard some words',
    stderr: '',
  })
})

test('run -d prints the id and nothing else', async (t) => {
  const engine = await makeEngine(t, lifeOf('c1', {}))
  assert.deepEqual(await engine.run('run -d img'), { exitCode: 0, stdout: 'c1\n', stderr: '' })
  assert.deepEqual(engine.asked, ['HEAD /_ping', 'POST /containers/create', 'POST /containers/c1/start'])
})

test('run pulls an image that is missing, and says so on stderr', async (t) => {
  let made = 0
  const engine = await makeEngine(t, {
    ...lifeOf('c1', {}),
    'POST /containers/create': (request, response) => {
      request.resume()
      made++
      if (made > 1) response.writeHead(201).end('{"Id":"c1","Warnings":["careful"]}')
      else response.writeHead(404).end('{"message":"No such image: img:latest"}')
    },
    'POST /images/create': (_request, response) => {
      response.writeHead(200).end('{"status":"Pulling from library/img","id":"latest"}\r\n')
    },
  })
  assert.deepEqual(await engine.run('run -d img'), {
    exitCode: 0,
    stdout: 'c1\n',
    stderr: "Unable to find image 'img:latest' locally\nlatest: Pulling from library/img\nWARNING: careful\n",
  })
  made = 0
  assert.equal((await engine.run('run -d --pull never img')).exitCode, 125)
})

const refusal = (message: string): Outcome => ({
  exitCode: 0,
  stdout: '',
  stderr: `slipway: ${message}\n\nRun 'slipway run --help' for more information\n`,
})

test('what the engine refuses is 125, and a program that can not be run is 126 or 127', async (t) => {
  const rows: readonly (readonly [message: string, exitCode: number])[] = [
    ['exec: "nope": executable file not found in $PATH', 127],
    ['stat /nope: no such file or directory', 127],
    ['exec: "/etc": permission denied', 126],
    ['driver failed', 125],
  ]
  for (const [message, exitCode] of rows) {
    const engine = await makeEngine(t, { ...lifeOf('c1', {}), 'POST /containers/c1/start': [500, { message }] })
    const expected = { ...refusal(`Error response from daemon: ${message}`), exitCode }
    assert.deepEqual(await engine.run('run img nope'), expected)
    assert.deepEqual(await engine.run('run -d img nope'), expected)
  }
  const engine = await makeEngine(t, { 'POST /containers/create': [409, { message: 'Conflict.' }] })
  assert.deepEqual(await engine.run('run img'), { ...refusal('Error response from daemon: Conflict.'), exitCode: 125 })
})

test('a command line that makes no sense is told so before the engine is asked', async (t) => {
  const engine = await makeEngine(t, {})
  const rows: readonly (readonly [line: string, exitCode: number, stderr: RegExp])[] = [
    ['run', 1, /^slipway: 'slipway run' requires at least 1 argument\n\nUsage: {2}slipway run \[OPTIONS\] IMAGE/],
    [
      'run --nope img',
      125,
      /^unknown flag: --nope\n\nUsage: {2}slipway run .*\n\nRun 'slipway run --help' for more information\n$/,
    ],
    ['run -p x img', 125, /^slipway: invalid containerPort: x\n\nRun 'slipway run --help'/],
    ['run -it img', 1, /^the input device is not a TTY\n$/],
    ['ps extra', 1, /^slipway: 'slipway ps' accepts no arguments/],
    ['tag a', 1, /requires 2 arguments/],
    ['nosuch', 1, /^slipway: unknown command: slipway nosuch\n\nRun 'slipway --help' for more information\n$/],
    ['image nosuch', 1, /^slipway: unknown command: slipway image nosuch/],
    ['toString', 1, /unknown command/],
    ['--nope ps', 125, /^unknown flag: --nope/],
    ['-H a -H b ps', 125, /^Specify only one -H\n$/],
  ]
  for (const [line, exitCode, stderr] of rows) {
    const outcome = await engine.run(line)
    assert.equal(outcome.exitCode, exitCode, line)
    assert.match(outcome.stderr, stderr, line)
  }
  assert.deepEqual(engine.asked, [])
})

test('each name is acted on, and one that fails does not stop the others', async (t) => {
  const engine = await makeEngine(t, {
    'POST /containers/a/stop': [204],
    'POST /containers/b/stop': [404, { message: 'No such container: b' }],
    'POST /containers/c/stop': [304],
  })
  const stderr = 'Error response from daemon: No such container: b\n'
  assert.deepEqual(await engine.run('stop a b c'), { exitCode: 1, stdout: 'a\nc\n', stderr })
})

test('rm -f of what is gone is no failure', async (t) => {
  const engine = await makeEngine(t, { 'DELETE /containers/x': [404, { message: 'No such container: x' }] })
  assert.equal((await engine.run('rm x')).exitCode, 1)
  assert.equal((await engine.run('rm -f x')).exitCode, 0)
})

test('exec gives the exit code of its process', async (t) => {
  const engine = await makeEngine(
    t,
    {
      'GET /containers/web/json': [200, { Id: 'c1' }],
      'POST /containers/web/exec': [201, { Id: 'e1' }],
      'GET /exec/e1/json': [200, { ExitCode: 7 }],
    },
    (socket) => void socket.end(frame(1, 'x')),
  )
  assert.deepEqual(await engine.run('exec web sh -c true'), { exitCode: 7, stdout: 'x', stderr: '' })
})

test('inspect looks for a container, then for an image, and says what it finds nowhere', async (t) => {
  const engine = await makeEngine(t, { 'GET /images/img/json': [200, { Id: 'sha256:1', RepoTags: null }] })
  const outcome = await engine.run('inspect -f {{.Id}}{{.RepoTags}} img nope')
  assert.deepEqual(outcome, { exitCode: 1, stdout: 'sha256:1[]\n', stderr: 'Error: No such object: nope\n' })
})

test('a build that fails in a step gives the exit code of the step', async (t) => {
  const engine = await makeEngine(t, {
    'POST /build': (request, response) => {
      request.resume().on('end', () => {
        response.write('{"stream":"Step 1/1 : FROM x\\n"}\r\n')
        response.end('{"errorDetail":{"code":7,"message":"returned a non-zero code: 7"},"error":"x"}\r\n')
      })
    },
  })
  const outcome = await engine.run('build -', 'FROM x\n')
  assert.deepEqual([outcome.exitCode, outcome.stderr], [7, 'returned a non-zero code: 7\n'])
  assert.match(outcome.stdout, /Step 1\/1 : FROM x\n$/)
})

test('login keeps what the registry took, and the next pull carries it', async (t) => {
  let header: unknown
  const engine = await makeEngine(t, {
    'POST /auth': [200, { Status: 'Login Succeeded', IdentityToken: '' }],
    'POST /images/create': (request, response) => {
      header = request.headers['x-registry-auth']
      response.writeHead(200).end()
    },
  })
  const login = await engine.run('login -u me --password-stdin r.io', 'secret\n')
  assert.deepEqual([login.exitCode, login.stdout], [0, 'Login Succeeded\n'])
  assert.match(login.stderr, /WARNING! Your credentials are stored unencrypted in '/)
  await engine.run('pull -q r.io/x')
  const auth = JSON.parse(Buffer.from(String(header), 'base64').toString()) as unknown
  assert.deepEqual(auth, { username: 'me', password: 'secret', serveraddress: 'r.io' })
})

test('a wrong password is not kept', async (t) => {
  const engine = await makeEngine(t, { 'POST /auth': [401, { message: 'incorrect username or password' }] })
  const outcome = await engine.run('login -u me --password-stdin r.io', 'wrong')
  assert.deepEqual(outcome, {
    exitCode: 1,
    stdout: '',
    stderr: 'Error response from daemon: incorrect username or password\n',
  })
})

test('an engine that does not run is said to, with the socket', async () => {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const console = { stdin: Readable.from([]), stdout, stderr }
  const exitCode = await cliMain(['-H', 'unix:///none/such.sock', 'ps'], { console, env: { DOCKER_CONFIG: '/none' } })
  stderr.end()
  assert.equal(exitCode, 1)
  assert.match(await text(stderr), /^Cannot connect to the engine at unix:\/\/\/none\/such.sock. Is it running\?/)
})

test('help is there for the program, for nouns and for commands', async (t) => {
  const engine = await makeEngine(t, {})
  const rows: readonly (readonly [line: string, stdout: RegExp])[] = [
    ['', /^Usage: {2}slipway \[OPTIONS\] COMMAND\n[\s\S]*\n {2}run {9}Create and run a new container from an image\n/],
    ['--help', /^Usage: {2}slipway \[OPTIONS\] COMMAND\n/],
    ['help run', /^Usage: {2}slipway run \[OPTIONS\] IMAGE/],
    ['image --help', /^Usage: {2}slipway image COMMAND\n\nManage images\n\nCommands:\n {2}bootstrap /],
    [
      'image ls --help',
      /^Usage: {2}slipway image ls \[OPTIONS\] \[REPOSITORY\[:TAG\]\]\n\nList images\n\nAliases:\n {2}slipway image ls, slipway image list, slipway images\n/,
    ],
    ['--version', /^Slipway version \d/],
  ]
  for (const [line, stdout] of rows) {
    const outcome = await engine.run(line)
    assert.equal(outcome.exitCode, 0, line)
    assert.match(outcome.stdout, stdout, line)
  }
})
