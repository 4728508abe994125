import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, link, mkdir, readdir, readFile, readlink, symlink, utimes, writeFile } from 'node:fs/promises'
import { createServer as createWebServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Client } from '../harness/client.ts'
import { TestEngine } from '../harness/engine.ts'
import { eventually } from '../harness/patience.ts'
import { freePort } from '../harness/port.ts'
import { processesNaming } from '../harness/processes.ts'
import { TestRegistry } from '../harness/registry.ts'
import { type Outcome, run } from '../harness/run.ts'
import { openScratch } from '../harness/scratch.ts'
import { Builder } from './builder.ts'

/** Times and names of builds differ from run to run, steps end in any order, and only buildx says `docker`. */
const settle = (text: string): string =>
  text
    .replace(/\(use (?:docker )?--debug/g, '(use --debug')
    .replace(/\u001b\[\d*m/g, '')
    .replace(/^(#\d+ )[\d.]+ /gm, '$1TIME ')
    .replace(/^[\d.]+ (?=\S)/gm, 'TIME ')
    .replace(/ [\d.]+s\b/g, '')
    .replace(/^#\d+ transferring .*\n/gm, '')

/**
 * Every line once, but for what is only told while it goes on, that others go on between, and warnings of a step, which are told
 * when they come before its end; all of them stand below.
 */
const steps = (text: string): readonly string[] => {
  const lines = new Set(
    settle(text)
      .replace(/^#\d+ /gm, '# ')
      .split('\n'),
  )
  return [...lines].filter((line) => !lines.has(`${line} done`) && !/^# (?:\.\.\.$|WARN: )/.test(line)).sort()
}

/** A step that fails before it is done is told as one that failed, and so is the build. */
const checkFailedStep = (step: string, why: string, { stderr }: Outcome): void => {
  assert.match(stderr, new RegExp(`^#(\\d+) ${RegExp.escape(step)}[^]*^#\\1 ERROR: ${RegExp.escape(why)}$`, 'm'))
  const words = `ERROR: failed to build: failed to solve: failed to load cache key: ${why}`
  assert.ok(stderr.endsWith(`------\n > ${step}:\n------\n${words}\n`))
}

/** The same words for both, each with its own files where `OUT` stands. */
class Both {
  readonly #slipway: Client
  readonly builder: Builder
  readonly out: string

  private constructor(slipway: Client, builder: Builder, out: string) {
    this.#slipway = slipway
    this.builder = builder
    this.out = out
  }

  static async open(path: string, engine: TestEngine, builder: Builder): Promise<Both> {
    for (const name of ['ours', 'theirs']) await mkdir(join(path, 'out', name), { recursive: true })
    const config = join(path, 'slipway-client')
    await mkdir(config)
    const slipway = new Client('slipway', engine.host, config, { DOCKER_BUILDKIT: '1', KEY: 'hush', NO_COLOR: '1' })
    return new Both(slipway, builder, join(path, 'out'))
  }

  ours(words: readonly string[], input?: string | Uint8Array): Promise<Outcome> {
    const args = ['build', ...words.map((word) => word.replaceAll('OUT', join(this.out, 'ours')))]
    return this.#slipway.run(args, input === undefined ? {} : { input })
  }

  async theirs(words: readonly string[], input?: string | Uint8Array): Promise<Outcome> {
    const args = ['buildx', 'build', ...words.map((word) => word.replaceAll('OUT', join(this.out, 'theirs')))]
    const outcome = await this.builder.run(args, undefined, { KEY: 'hush' }, input)
    // What it says where a busy machine has let it wait for the end for five seconds.
    return { ...outcome, stderr: outcome.stderr.replaceAll('failed to run Build function', 'failed to solve') }
  }

  /** Runs both; they end the same way. */
  async run(words: readonly string[], input?: string | Uint8Array): Promise<{ ours: Outcome; theirs: Outcome }> {
    const theirs = await this.theirs(words, input)
    const ours = await this.ours(words, input)
    assert.equal(ours.code, theirs.code, `${words.join(' ')}\n${ours.stdout}${ours.stderr}\n--\n${theirs.stderr}`)
    return { ours, theirs }
  }

  async ok(...words: readonly string[]): Promise<{ ours: Outcome; theirs: Outcome }> {
    const both = await this.run(words)
    assert.equal(both.ours.code, 0, both.ours.stderr)
    return both
  }

  files(name: string): readonly [ours: string, theirs: string] {
    return [join(this.out, 'ours', name), join(this.out, 'theirs', name)]
  }

  async sameFile(name: string): Promise<void> {
    const [ours, theirs] = await Promise.all(this.files(name).map((path) => readFile(path)))
    assert.ok(ours !== undefined && theirs !== undefined && ours.equals(theirs), `${name} is the same`)
  }
}

const listing = async (root: string): Promise<string> =>
  (await run('find', ['.', '-mindepth', '1', '-printf', '%P %M %s %T@ %l\\n'], { cwd: root })).stdout
    .split('\n')
    .sort()
    .join('\n')

/** Everything that a context can have in it. */
const makeContext = async (builder: Builder): Promise<string> => {
  const root = await builder.context({
    Dockerfile: 'FROM scratch AS one\nCOPY . /all/\nFROM one AS two\nCOPY src/ /src/\nCOPY li*k /links/\nLABEL a=b\n',
    '.dockerignore': '*.log\nsecret\n!secret/but-this\nnode_modules\n',
    'src/main.c': 'int main;',
    'src/größe/ⅷ.txt': 'x',
    'src/run.sh': '#!/bin/sh',
    'a.log': 'no',
    'secret/key': 'no',
    'secret/but-this': 'yes',
    'node_modules/x/index.js': 'no',
    'z/empty': '',
  })
  await chmod(join(root, 'src/run.sh'), 0o4755)
  await symlink('src/main.c', join(root, 'link'))
  await symlink('/etc/passwd', join(root, 'link-out'))
  await link(join(root, 'src/main.c'), join(root, 'second'))
  await utimes(join(root, 'src/main.c'), 1_500_000_000.123456, 1_500_000_000.987654)
  return root
}

test('slipway build beside docker buildx build', async (t: TestContext) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const builder = await Builder.open(scratch, engine)
  const both = await Both.open(scratch.path, engine, builder)

  await t.test('the same context gives the same image, file by file', async () => {
    const root = await makeContext(builder)
    const words = ['--no-cache', '--build-arg', 'SOURCE_DATE_EPOCH=1600000000', '-q', '-t', 'same', root]
    const { ours, theirs } = await both.ok(...words)
    assert.equal(ours.stdout, theirs.stdout)
    await both.ok('-o', 'OUT/tree', root)
    const [mine, other] = both.files('tree')
    assert.equal(await listing(mine), await listing(other))
    assert.equal(await readlink(join(mine, 'all/link-out')), '/etc/passwd')
    assert.deepEqual(await readdir(join(mine, 'all/secret')), ['but-this'])
    await both.ok('-o', 'type=tar,dest=OUT/tree.tar', root)
    await both.sameFile('tree.tar')
    for (const type of ['oci', 'docker']) {
      await both.ok(
        '--build-arg',
        'SOURCE_DATE_EPOCH=1600000000',
        '-t',
        'away',
        '-o',
        `type=${type},dest=OUT/${type}.tar`,
        root,
      )
      await both.sameFile(`${type}.tar`)
    }
    const piped = await both.ok('-o', '-', root)
    assert.equal(piped.ours.stdout === piped.theirs.stdout && piped.ours.stdout.length > 1000, true)
    const files = ['--iidfile', 'OUT/iid', '--metadata-file', 'OUT/metadata']
    await both.ok(...files, '-t', 'same:2', root)
    await both.sameFile('iid')
    const [metadata = {}, expected = {}] = await Promise.all(
      both.files('metadata').map(async (path) => JSON.parse(await readFile(path, 'utf8'))),
    )
    assert.deepEqual({ ...metadata, 'buildx.build.ref': '' }, { ...expected, 'buildx.build.ref': '' })
  })

  await t.test('contexts from elsewhere: standard input, other directories, images and layouts', async () => {
    const other = await builder.context({ f: 'from a directory\n' })
    const root = await builder.context({
      Dockerfile: 'FROM base\nCOPY --from=files /f /f\nRUN cat /f\n',
      'other.Dockerfile': 'FROM busybox\nRUN echo by another name\n',
    })
    // What no stage needs isn't fetched.
    const unused = ['git://127.0.0.1:1/none', 'http://127.0.0.1:1/none.tar', 'docker-image://none.invalid/x'].flatMap(
      (address, number) => ['--build-context', `unused${number}=${address}`],
    )
    const named = ['--build-context', `files=${other}`, '--build-context', 'base=docker-image://busybox', ...unused]
    assert.match((await both.ok(...named, root)).ours.stderr, /from a directory|CACHED/)
    await both.ok('-f', join(root, 'other.Dockerfile'), other)
    const alone = await both.run(['-q', '-'], 'FROM busybox\nRUN echo alone\n')
    assert.equal(alone.ours.stdout, alone.theirs.stdout)
    const given = await both.run(['-q', '-f', '-', other], 'FROM busybox\nCOPY f /given\n')
    assert.equal(given.ours.stdout, given.theirs.stdout)
    const tar = join(both.out, 'context.tar')
    assert.equal((await run('tar', ['-cf', tar, '-C', other, 'f', '-C', root, 'other.Dockerfile'])).code, 0)
    const packed = await both.run(['-q', '-f', 'other.Dockerfile', '-'], await readFile(tar))
    assert.equal(packed.ours.stdout, packed.theirs.stdout)
    const layout = join(both.out, 'layout')
    await mkdir(layout)
    await builder.build(
      '-o',
      `type=oci,dest=${layout}.tar`,
      '-t',
      'laid:v1',
      other,
      '-f',
      join(root, 'other.Dockerfile'),
    )
    assert.equal((await run('tar', ['xf', `${layout}.tar`, '-C', layout])).code, 0)
    for (const tag of ['', ':v1']) {
      await both.ok('--build-context', `base=oci-layout://${layout}${tag}`, '--build-context', `files=${other}`, root)
    }
  })

  await t.test('a Dockerfile in the web is read by the daemon', async (t: TestContext) => {
    const file = 'FROM busybox AS last\nCOPY f /f\nRUN cat /f\n'
    const server = createWebServer((request, response) => {
      if (request.url === '/Dockerfile') response.end(file)
      else response.writeHead(404).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const root = await builder.context({ f: 'from here\n' })
    const { ours, theirs } = await both.ok('--no-cache', '--progress=plain', '-f', `${url}/Dockerfile`, root)
    const withoutImage = ({ stderr }: Outcome) => steps(stderr.replace(/writing image sha256:\w+/, ''))
    assert.deepEqual(withoutImage(ours), withoutImage(theirs))
    assert.match(ours.stderr, /#1 \[internal\] load http:/)
    const targets = await both.ok('--call=targets', '-f', `${url}/Dockerfile`, root)
    assert.equal(targets.ours.stdout, targets.theirs.stdout)
    const missing = await both.run(['-f', `${url}/nope`, root])
    assert.match(missing.ours.stderr, /\[internal\] load http:.*\n.*ERROR: .*invalid response status 404/)
  })

  await t.test('secrets and agents', async () => {
    const root = await builder.context({
      Dockerfile: [
        'FROM busybox',
        'RUN --mount=type=secret,id=file,required [ "$(cat /run/secrets/file)" = "from a file" ]',
        'RUN --mount=type=secret,id=KEY,env=IT,required [ "$(echo -n $IT | tr u U)" = hUsh ]',
        'RUN --mount=type=ssh,required [ -S "$SSH_AUTH_SOCK" ]',
      ].join('\n'),
      key: 'from a file',
    })
    const agent = createServer((socket) => socket.end())
    const path = join(scratch.path, 'agent')
    await new Promise<void>((resolve) => agent.listen(path, resolve))
    const words = [
      '--no-cache',
      '--progress=plain',
      '--secret',
      `id=file,src=${root}/key`,
      '--secret',
      'id=KEY',
      '--ssh',
      `default=${path}`,
    ]
    const { ours } = await both.ok(...words, root).finally(() => agent.close())
    assert.doesNotMatch(ours.stderr, /hush/)
    const { ours: without, theirs } = await both.run(['--no-cache', '--progress=plain', root])
    assert.equal(without.stderr.split('\n').at(-2), theirs.stderr.split('\n').at(-2))
    assert.match(without.stderr, /secret file: not found/)
  })

  await t.test('progress, warnings, checks and questions in the same words', async () => {
    const lines = [
      'FROM busybox AS one',
      'MAINTAINER me',
      'ARG A=1',
      'RUN --mount=type=secret,id=k --mount=type=ssh echo hello; echo there >&2; printf open',
      '# two is second',
      'FROM one AS two',
      'RUN echo of two',
      'CMD run $A',
    ]
    const root = await builder.context({ Dockerfile: `${lines.join('\n')}\n` })
    const shown = await both.ok('--no-cache', '--progress=plain', '-t', 'shown', root)
    assert.deepEqual(
      steps(shown.ours.stderr.replace(/writing image sha256:\w+/, '')),
      steps(shown.theirs.stderr.replace(/writing image sha256:\w+/, '')),
    )
    const again = await both.ok('--progress=plain', '-t', 'shown', root)
    assert.deepEqual(steps(again.ours.stderr), steps(again.theirs.stderr))
    for (const call of ['outline', 'targets', 'check,ignorestatus=true']) {
      for (const format of ['', ',format=json']) {
        const { ours, theirs } = await both.ok(`--call=${call}${format}`, root)
        assert.deepEqual(ours.stdout.trimEnd(), theirs.stdout.trimEnd(), call)
      }
    }
    const described = await both.ok('--call=subrequests.describe', root)
    assert.equal(described.ours.stdout, described.theirs.stdout)
    const broken = await builder.context({ Dockerfile: 'FROM busybox AS One\nCOPY --from=a:b:c / /\n' })
    for (const call of ['--check', '--call=check,format=json']) {
      const { ours, theirs } = await both.run([call, broken])
      const excerpt = ({ stderr }: Outcome): string => stderr.slice(stderr.indexOf('ERROR: ')).trimEnd()
      assert.equal(excerpt(ours), excerpt(theirs))
      assert.match(excerpt(ours), /2 \| >>> COPY/)
    }
    assert.equal((await both.run(['--check', root])).ours.code, 1)
    const quiet = await both.ok('--progress=quiet', root)
    assert.equal(quiet.ours.stdout, quiet.theirs.stdout)
    assert.match(quiet.ours.stdout, /^sha256:/)
    const nowhere = await both.ok('--progress=plain', '-o', 'type=cacheonly', root)
    assert.doesNotMatch(nowhere.ours.stderr + nowhere.theirs.stderr, /exporting/)
    const raw = await both.ok('--progress=rawjson', root)
    const fields = (text: string): readonly string[] => {
      const told = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, readonly object[]>)
      return [
        ...new Set(
          told.flatMap((one) =>
            Object.entries(one).flatMap(([name, list]) =>
              list.flatMap((each) => Object.keys(each).map((key) => `${name}.${key}`)),
            ),
          ),
        ),
      ].sort()
    }
    assert.deepEqual(fields(raw.ours.stderr), fields(raw.theirs.stderr))
  })

  await t.test('what goes wrong is told in the same words', async () => {
    const failing = await builder.context({
      Dockerfile:
        'FROM busybox\nWORKDIR /a\nRUN for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo l$i; done; exit 7\nRUN true\n',
    })
    const told = await both.run(['--progress=plain', failing])
    const end = (text: string): string => settle(text.slice(text.indexOf('------\n')))
    assert.equal(end(told.ours.stderr), end(told.theirs.stderr))
    assert.match(told.ours.stderr, /3 \| >>> RUN for[\s\S]*did not complete successfully: exit code: 7\n$/)
    for (const flags of ['', '--link ']) {
      const address = `http://127.0.0.1:${await freePort()}/file`
      const fetching = await builder.context({
        Dockerfile: `FROM busybox\nADD ${flags}${address} here /x/\n`,
        here: '',
      })
      const why = `Get "${address}": dial tcp ${new URL(address).host}: connect: connection refused`
      const { ours, theirs } = await both.run(['--progress=plain', fetching])
      assert.equal(end(ours.stderr), end(theirs.stderr))
      for (const outcome of [ours, theirs]) checkFailedStep(`[2/2] ADD ${flags}${address} here /x/`, why, outcome)
      if (flags !== '') continue
      const classic = await builder.run(['build', fetching], undefined, { DOCKER_BUILDKIT: '0' })
      assert.equal(classic.stderr.trimEnd().split('\n').at(-1), `ADD failed: ${why}`)
    }
    const last = ({ stderr }: Outcome): string => stderr.trimEnd().split('\n').at(-1) ?? ''
    const typo = await builder.context({ Dockerfile: `FROM busybox\nRUNN true\n${'# long\n'.repeat(60_000)}` })
    const rows: readonly (readonly string[])[] = [
      [typo],
      ['-f', join(failing, 'nope'), failing],
      ['/nowhere'],
      ['--secret', 'id=x,src=/nowhere', failing],
      ['--secret', 'idx', failing],
      ['--ssh', 'default=/nowhere', failing],
      ['--push', failing],
      ['-t', 'A:b', failing],
      ['-t', 'a:b:', failing],
      ['--progress', 'tty', failing],
      ['-o', 'type=nonsense', failing],
      ['-o', 'type=local', failing],
      ['--network', 'foo', failing],
      ['--allow', 'foo', failing],
      ['--progress', 'nonsense', failing],
      ['--call', 'nonsense', failing],
      ['--build-context', 'foo', failing],
      ['--build-context', 'foo=/nowhere', failing],
      ['--builder', 'foo', failing],
      ['--target', 'foo', failing],
      ['--cache-to', `type=local,dest=${failing}/cache`, failing],
      ['--platform', 'linux/amd64,linux/arm64', failing],
      ['--build-arg', 'BUILDKIT_SYNTAX=example/frontend:1', failing],
    ]
    for (const words of rows) {
      const [ours, theirs] = await Promise.all([both.ours(words), both.theirs(words)])
      assert.deepEqual([ours.code, last(ours)], [theirs.code, last(theirs)], words.join(' '))
    }
  })

  await t.test('a download that fails ends what runs beside it', async () => {
    const mark = `3${process.pid}${Date.now() % 1000}`
    const running = async (): Promise<boolean> => (await processesNaming([`sleep ${mark}`])).length > 0
    await using server = createWebServer(async (_, answer) => {
      await eventually('the step runs', running, 60_000)
      answer.writeHead(404).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`
    const beside = await builder.context({
      Dockerfile: `FROM busybox\nRUN --network=none sleep ${mark}\nADD ${address} /x/\n`,
    })
    const { ours, theirs } = await both.run(['--progress=plain', '--no-cache', beside])
    for (const outcome of [ours, theirs]) {
      checkFailedStep(`[3/3] ADD ${address} /x/`, 'invalid response status 404', outcome)
      assert.match(outcome.stderr, /^#\d+ CANCELED$/m)
    }
  })

  await t.test('Ctrl-C ends the step, and says so', async () => {
    const mark = `${process.pid}${Date.now() % 1000}`
    const root = await builder.context({ Dockerfile: `FROM busybox\nRUN sleep 9${mark}\n` })
    const client = new Client('slipway', engine.host, scratch.path, { DOCKER_BUILDKIT: '1' }).spawn(['build', root])
    let said = ''
    client.stderr.on('data', (bytes: Buffer) => (said += bytes))
    const ended = once(client, 'close')
    const running = async (): Promise<boolean> => (await processesNaming([`sleep 9${mark}`])).length > 0
    await eventually('the step runs', running, 60_000)
    client.kill('SIGINT')
    assert.deepEqual(await ended, [130, null])
    assert.match(said, /^#\d+ CANCELED\n[\s\S]*failed to solve: Canceled: context canceled\n$/m)
    await eventually('the step ends', async () => (await processesNaming([`sleep 9${mark}`])).length === 0, 60_000)
  })

  await t.test('a result is pushed with the login that is kept for its registry', async () => {
    await using registry = await TestRegistry.start(scratch)
    await registry.addUser('anna', 'pass word')
    const client = new Client('slipway', engine.host, join(scratch.path, 'slipway-client'), { DOCKER_BUILDKIT: '1' })
    const root = await builder.context({ Dockerfile: 'FROM busybox\nCOPY Dockerfile /\n' })
    const name = `${registry.address}/anna/here:1`
    const refused = await client.fails(['build', '--push', '-t', name, root])
    assert.match(refused.message, /ERROR: failed to build: failed to solve: .*(denied|unauthorized|authentication)/i)
    await client.ok(['login', '-u', 'anna', '--password-stdin', registry.address], { input: 'pass word' })
    await client.ok(['build', '--push', '-t', name, '--iidfile', join(root, 'iid'), root])
    await client.ok(['build', '-o', `type=image,name=${registry.address}/anna/here:2,push=true`, root])
    await client.ok(['pull', name])
  })
})

test('slipway build draws its progress in place on a terminal', async () => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const root = join(scratch.path, 'context')
  await mkdir(root)
  const client = new Client('slipway', engine.host, scratch.path, { DOCKER_BUILDKIT: '1' })
  await writeFile(join(root, 'Dockerfile'), 'FROM busybox\nRUN echo first; sleep 1000\n')
  using endless = client.terminal(['build', root])
  await endless.see(/=> => # first/)
  endless.type('\x03')
  assert.equal(await endless.exitCode, 130)
  await writeFile(join(root, 'Dockerfile'), 'FROM busybox\nRUN echo second\n')
  using terminal = client.terminal(['build', root])
  await terminal.see(/\[\+\] Building [\d.]+s \(\d\/\d\) FINISHED/)
  assert.equal(await terminal.exitCode, 0)
})
