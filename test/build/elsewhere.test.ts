import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { run } from '../harness/run.ts'
import { openScratch } from '../harness/scratch.ts'
import { Builder } from './builder.ts'

/** Serves files, as the simplest of web servers does. */
const serve = async (root: string) => {
  const server = createServer((request, response) => {
    const file = createReadStream(join(root, new URL(request.url ?? '', 'http://here').pathname))
    file.once('error', () => response.writeHead(404).end())
    file.once('open', () => file.pipe(response))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { address: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => void server.close() }
}

const git = async (root: string, ...args: readonly string[]): Promise<void> => {
  const { code, stderr } = await run('git', ['-c', 'user.email=a@b.invalid', '-c', 'user.name=a', ...args], {
    cwd: root,
    env: process.env,
  })
  assert.equal(code, 0, stderr)
}

test('a context is a git repository, an archive or a Dockerfile from the web, for every client', async () => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const builder = await Builder.open(scratch, engine)
  const root = await builder.context({
    'sub/Dockerfile': 'FROM busybox\nCOPY . /all/\nRUN [ ! -e /all/.git ] && cat /all/f\n',
    'sub/f': 'from git\n',
    Dockerfile: 'FROM busybox AS whole\nCOPY . /all/\nRUN ls /all/.git\n',
    lone: 'FROM busybox\nRUN echo alone; ulimit -n\n',
    'dated/Dockerfile': 'FROM busybox\nARG SOURCE_DATE_EPOCH\nRUN echo "made at $SOURCE_DATE_EPOCH"\n',
  })
  await git(root, 'init', '-q', '-b', 'trunk', '.')
  await git(root, 'add', '.')
  await git(root, 'commit', '-q', '-m', 'one')
  await git(root, 'update-server-info')
  const { stdout: committed } = await run('git', ['log', '-1', '--format=%ct'], { cwd: root, env: process.env })
  assert.equal((await run('tar', ['cf', join(root, 'sub.tar'), '-C', join(root, 'sub'), '.'])).code, 0)
  using web = await serve(root)

  const clients = {
    slipway: (...args: readonly string[]) => engine.client('slipway').run(['build', ...args]),
    classic: (...args: readonly string[]) => builder.run(['build', ...args], undefined, { DOCKER_BUILDKIT: '0' }),
    buildx: (...args: readonly string[]) => builder.run(['build', '--progress=plain', ...args]),
  }
  for (const [name, build] of Object.entries(clients)) {
    const said = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await build('--no-cache', ...args)
      assert.equal(code, 0, `${name} ${args.join(' ')}\n${stdout}${stderr}`)
      return `${stdout}${stderr}`
    }
    assert.match(await said(`${web.address}/.git#trunk:sub`), /from git/)
    assert.match(await said(`${web.address}/sub.tar`), /from git/)
    const kept = ['--build-arg', 'BUILDKIT_CONTEXT_KEEP_GIT_DIR=1', '--target', 'whole']
    assert.match(await said(...kept, `${web.address}/.git#trunk`), /^.*HEAD$/m)
    assert.match(await said('--ulimit', 'nofile=321', `${web.address}/lone`), /alone[\s\S]*321/)
    const epoch = await said('--build-arg', 'SOURCE_DATE_EPOCH=context', `${web.address}/.git#trunk:dated`)
    // The classic client fetches it itself, and sends files that could be of any time.
    assert.match(epoch, name === 'classic' ? /made at \n/ : new RegExp(`made at ${committed}`), name)
    const missing = await build(`${web.address}/nothing`)
    assert.notEqual(missing.code, 0)
    assert.match(missing.stderr, /404/, name)
  }
})
