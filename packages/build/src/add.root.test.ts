import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { digestOf } from '@slipway/core'
import { buildDockerfile } from './build.ts'
import { makeContext, recordedRequest } from './testing/request.ts'
import { openTestWorker, type TestWorker } from './testing/worker.ts'

let made: TestWorker
before(async () => {
  made = await openTestWorker()
})
after(() => made[Symbol.asyncDispose]())

const build = async (lines: readonly string[], context: string) => {
  const recorded = recordedRequest({ dockerfile: lines.join('\n'), context })
  return { ...recorded, result: await buildDockerfile(recorded.request, made.worker) }
}

/** Packs `file` and `deep/er` with tar's own options. */
const makeArchive = (context: string, name: string, ...options: readonly string[]): void => {
  mkdirSync(join(context, 'in/deep'), { recursive: true })
  writeFileSync(join(context, 'in/file'), 'packed')
  writeFileSync(join(context, 'in/deep/er'), 'deeper')
  execFileSync('tar', [...options, '-cf', join(context, name), '-C', join(context, 'in'), '.'])
}

test('ADD unpacks local archives, whatever their name and compression, and copies all else', async () => {
  using context = makeContext({ 'plain.tar': 'not really', 'file.gz': '\u001f\u008b nor this' })
  const kinds = { plain: [], gzip: ['-z'], xz: ['-J'] }
  for (const [name, options] of Object.entries(kinds)) makeArchive(context.path, name, ...options)
  const adds = Object.keys(kinds).map((name) => `ADD ${name} /${name}/`)
  const { result } = await build(
    ['FROM scratch', ...adds, 'ADD plain.tar file.gz /files/', 'COPY gzip /copied'],
    context.path,
  )
  await made.look(result.id, (root) => {
    for (const name of Object.keys(kinds)) {
      assert.equal(readFileSync(join(root, name, 'file'), 'utf8'), 'packed', name)
      assert.equal(readFileSync(join(root, name, 'deep/er'), 'utf8'), 'deeper', name)
    }
    assert.equal(readFileSync(join(root, 'files/plain.tar'), 'utf8'), 'not really')
    assert.ok(statSync(join(root, 'files/file.gz')).isFile())
    assert.ok(statSync(join(root, 'copied')).isFile())
  })
})

test('ADD of a hostile archive leaves the host alone', async () => {
  using context = makeContext({})
  using outside = makeContext({ target: 'untouched' })
  mkdirSync(join(context.path, 'in'))
  symlinkSync(outside.path, join(context.path, 'in/link'))
  execFileSync('tar', ['-cf', join(context.path, 'one.tar'), '-C', join(context.path, 'in'), 'link'])
  writeFileSync(join(context.path, 'target'), 'overwritten')
  execFileSync('tar', ['-rf', join(context.path, 'one.tar'), '-C', context.path, '--transform=s,^,link/,', 'target'])
  await build(['FROM scratch', 'ADD one.tar /'], context.path).catch(() => undefined)
  assert.equal(readFileSync(join(outside.path, 'target'), 'utf8'), 'untouched')
  execFileSync('tar', [
    '-cPf',
    join(context.path, 'two.tar'),
    '-C',
    context.path,
    '--transform=s,^,../../../../../../escaped-,',
    'target',
  ])
  await assert.rejects(build(['FROM scratch', 'ADD two.tar /'], context.path))
  assert.equal(existsSync('/escaped-target'), false)
})

test('ADD gets files from the web, checks them, and does it again when they change', async (t) => {
  let content = 'from the web'
  const server = createServer((request, response) => {
    if (request.url !== '/dir/file.txt?x=1') return void response.writeHead(404).end()
    response.writeHead(200, { 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' })
    response.end(content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  using context = makeContext({})
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const lines = (flags = '') => ['FROM scratch', `ADD ${flags} ${address}/dir/file.txt?x=1 /web/`]
  const { result } = await build(lines(`--checksum=${digestOf(content)}`), context.path)
  await made.look(result.id, (root) => {
    const path = join(root, 'web/file.txt')
    assert.equal(readFileSync(path, 'utf8'), content)
    assert.equal(lstatSync(path).mode & 0o777, 0o600)
    assert.equal(lstatSync(path).mtime.toISOString(), '2024-01-01T00:00:00.000Z')
  })
  assert.deepEqual((await build(lines(), context.path)).cached(), [2])
  content = 'changed'
  assert.deepEqual((await build(lines(), context.path)).cached(), [])
  await assert.rejects(build(lines(`--checksum=${digestOf('other')}`), context.path), /digest mismatch/)
  await assert.rejects(build(['FROM scratch', `ADD ${address}/gone /`], context.path), /invalid response status 404/)
})

test('.dockerignore hides files from COPY, its own file for a Dockerfile comes first', async () => {
  using context = makeContext({ a: '1', b: '2', 'd/c': '3', '.dockerignore': 'b\nd\n', 'other.dockerignore': 'a\n' })
  const lines = ['FROM scratch', 'COPY . /']
  const names = async (dockerfilePath: string): Promise<readonly boolean[]> => {
    const recorded = recordedRequest({ dockerfile: lines.join('\n'), context: context.path, dockerfilePath })
    const { id } = await buildDockerfile(recorded.request, made.worker)
    return made.look(id, (root) => ['a', 'b', 'd/c'].map((name) => existsSync(join(root, name))))
  }
  assert.deepEqual(await names('Dockerfile'), [true, false, false])
  assert.deepEqual(await names('other'), [false, true, true])
  await assert.rejects(build(['FROM scratch', 'COPY b /'], context.path), /excluded by \.dockerignore: stat b/)
})

/** A repository with a tag, and a second commit, behind git's own server. */
const freePort = async (): Promise<number> => {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => socket.destroy()).on('error', () => {})
    socket.on('close', (failed) => resolve(!failed))
  })

const serveRepository = async (directory: string) => {
  const repository = join(directory, 'repo.git')
  mkdirSync(join(repository, 'docs'), { recursive: true })
  const git = (...args: readonly string[]): string => {
    const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'init.defaultBranch=main']
    return execFileSync('git', [...who, ...args], { cwd: repository, encoding: 'utf8' }).trim()
  }
  git('init', '--quiet')
  writeFileSync(join(repository, 'docs/a'), 'first')
  git('add', '.')
  git('commit', '--quiet', '-m', 'one')
  git('tag', 'v1')
  const first = git('rev-parse', 'HEAD')
  writeFileSync(join(repository, 'docs/a'), 'second')
  git('commit', '--quiet', '-am', 'two')
  const port = await freePort()
  const options = ['--reuseaddr', '--export-all', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${directory}`]
  const server = spawn('git', ['daemon', ...options, directory], { stdio: 'ignore', detached: true })
  while (!(await listens(port))) await setTimeout(20)
  return {
    first,
    url: `git://127.0.0.1:${port}/repo.git`,
    [Symbol.dispose]: () => void process.kill(-(server.pid ?? assert.fail()), 'SIGKILL'),
  }
}

/** The same repository from a web server that knows nothing of git. */
const serveAsFiles = async (repository: string, directory: string) => {
  const bare = join(directory, 'files.git')
  execFileSync('git', ['clone', '--quiet', '--bare', repository, bare])
  execFileSync('git', ['update-server-info'], { cwd: bare })
  const server = createServer(({ url = '' }, response) => {
    const path = join(directory, new URL(url, 'http://x').pathname)
    if (existsSync(path) && statSync(path).isFile()) response.end(readFileSync(path))
    else response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/files.git`, [Symbol.dispose]: () => void server.close() }
}

test('ADD takes a git repository from a server that only serves files', async () => {
  using context = makeContext({})
  using server = await serveRepository(context.path)
  using files = await serveAsFiles(join(context.path, 'repo.git'), context.path)
  const adds = [
    `ADD ${files.url} /head`,
    `ADD ${files.url}#v1 /tag`,
    `ADD ${files.url}#main /branch`,
    `ADD ${files.url}#${server.first} /commit`,
  ]
  const { result } = await build(['FROM scratch', ...adds], context.path)
  await made.look(result.id, (root) => {
    const found = ['head', 'tag', 'branch', 'commit'].map((name) => readFileSync(join(root, name, 'docs/a'), 'utf8'))
    assert.deepEqual(found, ['second', 'first', 'second', 'first'])
  })
  await assert.rejects(build(['FROM scratch', `ADD ${files.url}#nowhere /x`], context.path), /failed to fetch remote/)
})

test('ADD of a git repository takes the commit that is asked for, and refuses another', async () => {
  using context = makeContext({})
  using server = await serveRepository(context.path)
  const { result } = await build(
    [
      'FROM scratch',
      `ADD ${server.url} /head`,
      `ADD ${server.url}#v1:docs /tag`,
      `ADD --keep-git-dir=true ${server.url}?checksum=${server.first}&ref=${server.first} /commit`,
    ],
    context.path,
  )
  await made.look(result.id, (root) => {
    assert.equal(readFileSync(join(root, 'head/docs/a'), 'utf8'), 'second')
    assert.equal(existsSync(join(root, 'head/.git')), false)
    assert.equal(readFileSync(join(root, 'tag/a'), 'utf8'), 'first')
    assert.equal(readFileSync(join(root, 'commit/docs/a'), 'utf8'), 'first')
    assert.ok(existsSync(join(root, 'commit/.git/HEAD')))
  })
  const add = (words: string) => build(['FROM scratch', `ADD ${words} /x`], context.path)
  await assert.rejects(add(`--checksum=${server.first} ${server.url}`), /expected checksum to match/)
  await assert.rejects(add(`${server.url}#nowhere`), /failed to fetch remote git:\/\/.*nowhere/)
  await assert.rejects(add(`${server.url}#:gone`), /invalid subdir gone/)
})

test('an ADD of several sources of all kinds is one layer and one entry of the history; later ones write over earlier ones', async () => {
  using context = makeContext({ same: 'of the context\n', own: 'own\n' })
  using elsewhere = makeContext({ same: 'of the repository\n', committed: 'committed\n' })
  makeArchive(context.path, 'archive.tar')
  const git = (...words: readonly string[]): void => {
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...words], { cwd: elsewhere.path })
  }
  for (const words of [['init', '-q'], ['add', '.'], ['commit', '-qm', 'one'], ['update-server-info']]) git(...words)
  const answers: Record<string, string> = { '/same': 'of the web\n', '/fetched': 'fetched\n' }
  await using server = createServer((request, response) => {
    const path = request.url ?? ''
    if (Object.hasOwn(answers, path)) response.end(answers[path])
    else {
      const file = join(elsewhere.path, '.git', path.replace(/^\/repository\.git/, '').replace(/\?.*/, ''))
      if (existsSync(file) && statSync(file).isFile()) response.end(readFileSync(file))
      else response.writeHead(404).end()
    }
  }).listen(0)
  await once(server, 'listening')
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const heredoc = ['<<EOT', 'written', 'EOT']
  const lines = (order: readonly string[]) => [
    'FROM scratch',
    `ADD ${[...order, 'own', 'archive.tar', `${at}/fetched`].join(' ')} ${heredoc[0]} /all/`,
    ...heredoc.slice(1),
    'COPY own /last',
  ]
  const sources = { context: 'same', web: `${at}/same`, repository: `${at}/repository.git` }
  for (const [last, before] of [
    ['web', ['repository', 'context']],
    ['context', ['web', 'repository']],
    ['repository', ['context', 'web']],
  ] as const) {
    const { result } = await build(lines([...before, last].map((name) => sources[name])), context.path)
    const { rootfs, history = [] } = result.config
    assert.equal(rootfs.diff_ids.length, 2)
    assert.deepEqual(
      history.map(({ empty_layer: empty = false }) => empty),
      [false, false],
    )
    await made.look(result.id, (root) => {
      assert.equal(readFileSync(join(root, 'all/same'), 'utf8'), `of the ${last}\n`)
      for (const name of ['own', 'fetched', 'committed']) {
        assert.equal(readFileSync(join(root, 'all', name), 'utf8'), `${name}\n`)
      }
      assert.equal(readFileSync(join(root, 'all/file'), 'utf8'), 'packed')
      assert.equal(readFileSync(join(root, 'all/EOT'), 'utf8'), 'written\n')
    })
  }
  const again = await build(lines(Object.values(sources)), context.path)
  answers['/fetched'] = 'fetched again\n'
  const changed = await build(lines(Object.values(sources)), context.path)
  assert.notEqual(again.result.id, changed.result.id)
})
