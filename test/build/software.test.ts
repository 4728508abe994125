import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { pageAt } from '../harness/page.ts'
import { eventually } from '../harness/patience.ts'
import { dockerPlugins, dockerProgram, isLong, plainEnvironment, root } from '../harness/place.ts'
import { run } from '../harness/run.ts'
import { openScratch, type Scratch } from '../harness/scratch.ts'

type Docker = (...args: readonly string[]) => Promise<string>

const exampleOf = (name: string): string => join(root, 'examples', name)

/** The stock CLI, with buildx. */
const openDocker = async (scratch: Scratch, engine: TestEngine): Promise<Docker> => {
  const home = join(scratch.path, 'client')
  await mkdir(home)
  await writeFile(join(home, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [dockerPlugins] }))
  const env = { ...plainEnvironment(), DOCKER_HOST: engine.host, HOME: home, DOCKER_CONFIG: home }
  return async (...args) => {
    const { code, stdout, stderr } = await run(dockerProgram, args, { env, timeout: 480_000 })
    assert.equal(code, 0, `docker ${args.join(' ')}\n${stdout}\n${stderr}`)
    return `${stdout}${stderr}`.trimEnd()
  }
}

const buildTides = async (docker: Docker): Promise<void> => {
  const first = await docker('build', '--progress=plain', '-t', 'tides', exampleOf('tides'))
  assert.match(first, /\[test 1\/1\] RUN <<EOT/)
  assert.equal(await docker('run', '--rm', 'tides'), '0 h: high water at Slipway')
  assert.equal(await docker('run', '--rm', 'tides', '9'), '9 h: low water at Slipway')
  const again = await docker('build', '--progress=plain', '-t', 'tides', exampleOf('tides'))
  assert.equal(again.match(/^#\d+ CACHED$/gm)?.length, 7)
  const layers = await docker('image', 'inspect', '--format', '{{len .RootFS.Layers}} {{.Config.User}}', 'tides')
  assert.equal(layers, '2 1000:1000')
}

/** The agent protocol's question for keys, and the answer of one that has none. */
const question = '000000010b'
const noKeys = '000000050c00000000'

const openAgent = async (scratch: Scratch) => {
  const path = join(scratch.path, 'agent')
  const asked: string[] = []
  const server = createServer((socket) =>
    socket.on('data', (bytes) => {
      asked.push(bytes.toString('hex'))
      socket.write(Buffer.from(noKeys, 'hex'))
    }),
  )
  server.listen(path)
  await once(server, 'listening')
  return { path, asked, [Symbol.dispose]: () => void server.close() }
}

const speak = [
  'socket(S, 1, 1, 0)',
  'connect(S, pack_sockaddr_un($ENV{SSH_AUTH_SOCK})) or die',
  `syswrite(S, pack("H*", "${question}"))`,
  // The whole answer: clients send its length and the rest one after the other.
  'read(S, $answer, 9)',
  'print unpack("H*", $answer)',
].join('; ')

const reachAgent = async (docker: Docker, scratch: Scratch): Promise<void> => {
  using agent = await openAgent(scratch)
  const context = join(scratch.path, 'agent-context')
  await mkdir(context)
  const ask = `RUN --mount=type=ssh,required perl -MSocket -e '${speak}' > /answer && grep -qx ${noKeys} /answer`
  await writeFile(join(context, 'Dockerfile'), `FROM debian:bookworm\n${ask}\nRUN [ ! -e /run/buildkit ]\n`)
  await docker('build', '--ssh', `default=${agent.path}`, context)
  assert.deepEqual(agent.asked, [question])
}

const buildTomcat = async (docker: Docker): Promise<void> => {
  await docker('build', '-t', 'tomcat', exampleOf('tomcat'))
  await docker('run', '-d', '--name', 'tomcat', '-p', '127.0.0.1::8080', 'tomcat')
  const address = (await docker('port', 'tomcat', '8080')).split('\n')[0]
  const page = (): Promise<string> => pageAt(`http://${address}/ahoy/`).catch(() => '')
  await eventually('tomcat serves its page', async () => (await page()).startsWith('Ahoy from Java 17'), 120_000)
}

test('software is built from what Debian has of it', async (t: TestContext) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addDebian()
  const docker = await openDocker(scratch, engine)
  await t.test('a C program in four stages', () => buildTides(docker))
  await t.test('a step speaks with the SSH agent of the client', () => reachAgent(docker, scratch))
  // Java is 200 MB.
  if (isLong) await t.test('Tomcat with a page of its own', () => buildTomcat(docker))
})
