import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { eventually } from '../harness/patience.ts'
import { processesNaming } from '../harness/processes.ts'
import { TestRegistry } from '../harness/registry.ts'
import { run } from '../harness/run.ts'
import { openScratch } from '../harness/scratch.ts'
import { Builder } from './builder.ts'

const dockerfile = [
  'FROM busybox',
  'RUN echo built >/built',
  'COPY file.txt /data/',
  'RUN cat /data/file.txt',
  '',
].join('\n')

test('docker build with buildx, bake, and the remote driver', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const builder = await Builder.open(scratch, engine)
  const look = (image: string, ...command: readonly string[]) => builder.ok(['run', '--rm', image, ...command])

  await t.test('a build becomes an image, again from the cache, and anew for what changed', async () => {
    const root = await builder.context({
      Dockerfile: dockerfile,
      'file.txt': 'one\n',
      ignored: 'x',
      '.dockerignore': 'ignored',
    })
    const first = await builder.build('-t', 'web:1', root)
    assert.match(first, /\[internal\] load build definition from Dockerfile/)
    assert.match(first, /\[2\/4\] RUN echo built >\/built/)
    assert.match(first, /^#\d+ [\d.]+ one$/m)
    assert.match(first, /naming to docker\.io\/library\/web:1/)
    assert.equal(await look('web:1', 'cat', '/data/file.txt'), 'one\n')
    const again = await builder.build('-t', 'web:1', root)
    assert.equal(again.match(/^#\d+ CACHED$/gm)?.length, 3)
    await builder.write(root, { 'file.txt': 'three\n' })
    const changed = await builder.build('-t', 'web:1', root)
    assert.equal(changed.match(/^#\d+ CACHED$/gm)?.length, 1)
    assert.equal(await look('web:1', 'cat', '/data/file.txt'), 'three\n')
    const files = ['--metadata-file', join(root, 'metadata'), '--iidfile', join(root, 'iid')]
    const id = (await builder.ok(['build', '-q', ...files, root])).trim()
    assert.equal(await readFile(join(root, 'iid'), 'utf8'), id)
    assert.equal(JSON.parse(await readFile(join(root, 'metadata'), 'utf8'))['containerimage.config.digest'], id)
    const stage = await builder.build('--no-cache-filter', 'stage-0', root)
    assert.doesNotMatch(stage, /CACHED/)
  })

  await t.test('what goes wrong is shown with its lines', async () => {
    const failing = await builder.context({ Dockerfile: 'FROM busybox\nRUN echo before; exit 7\n' })
    const told = await builder.fails(failing)
    assert.match(told, / > \[2\/2\] RUN echo before; exit 7:/)
    assert.match(told, /2 \| >>> RUN echo before; exit 7/)
    assert.match(told, /process "\/bin\/sh -c echo before; exit 7" did not complete successfully: exit code: 7/)
    const typo = await builder.context({ Dockerfile: 'FROM busybox\nRUNN true\n' })
    assert.match(await builder.fails(typo), /2 \| >>> RUNN true[\s\S]*unknown instruction: RUNN \(did you mean RUN\?\)/)
    const missing = await builder.context({ Dockerfile: 'FROM busybox\nCOPY nothing /\n' })
    const absent = await builder.fails(missing)
    assert.match(absent, /^#\d+ ERROR: failed to calculate checksum of ref: "\/nothing": not found$/m)
    assert.match(
      absent,
      /^ERROR: .*failed to solve: failed to compute cache key: failed to calculate checksum of ref: /m,
    )
    const empty = await builder.context({ Dockerfile: '' })
    assert.match(await builder.fails(empty), /^ERROR: .*failed to solve: the Dockerfile cannot be empty$/m)
    const unstarted = await builder.context({ Dockerfile: 'FROM busybox\nRUN ["nosuch"]\n' })
    assert.deepEqual((await builder.fails(unstarted)).match(/^#\d+ [\d.]+ .*nosuch.*$/gm)?.length, 1)
    assert.match(
      await builder.fails('--call=nosuch', missing),
      /failed to solve: unsupported request frontend\.nosuch$/m,
    )
  })

  await t.test('an image that can’t be had is told of where it is asked for', async () => {
    const root = await builder.context({ Dockerfile: 'FROM busybox\nCOPY --from=127.0.0.1:1/none:1 /x /\n' })
    const told = await builder.fails(root)
    assert.match(told, /2 \| >>> COPY --from=127\.0\.0\.1:1\/none:1/)
    const source = 'failed to resolve source metadata for 127.0.0.1:1/none:1: '
    assert.ok(told.includes(`ERROR: failed to build: failed to solve: 127.0.0.1:1/none:1: ${source}`), told)
  })

  await t.test('secrets and agents are there for one step, and nowhere afterwards', async () => {
    const key = randomUUID()
    const root = await builder.context({
      Dockerfile: [
        'FROM busybox',
        'RUN --mount=type=secret,id=key,required [ "$(wc -c < /run/secrets/key)" = 36 ]',
        'RUN --mount=type=secret,id=key,env=KEY [ $(echo -n $KEY | wc -c) = 36 ] && [ ! -e /run/secrets/key ]',
        'RUN --mount=type=ssh,required [ -S "$SSH_AUTH_SOCK" ]',
        'RUN [ ! -e /run/secrets ] && [ ! -e /run/buildkit ]',
      ].join('\n'),
      failing:
        'FROM busybox\nRUN --mount=type=secret,id=key --mount=type=secret,id=key,env=KEY cat /run/secrets/key >/left; false\n',
      key,
    })
    const agent = createServer((socket) => socket.end())
    const path = join(scratch.path, 'agent')
    await new Promise<void>((resolve) => agent.listen(path, resolve))
    try {
      const told = await builder.build(
        '--secret',
        `id=key,src=${root}/key`,
        '--ssh',
        `default=${path}`,
        '-t',
        'secret:1',
        root,
      )
      assert.ok(!told.includes(key))
    } finally {
      agent.close()
    }
    await builder.fails('--secret', `id=key,src=${root}/key`, '-f', join(root, 'failing'), root)
    // Not in what a failed step left behind, in no record, account or log.
    const traces = await run('grep', ['-rlaF', key, engine.dataRoot, engine.execRoot])
    assert.equal(traces.stdout, '')
    assert.ok(!engine.log.includes(key))
    assert.match(await builder.fails('--no-cache', root), /secret key: not found/)
  })

  await t.test('results go to directories, tars and OCI archives', async () => {
    const root = await builder.context({ Dockerfile: 'FROM scratch\nCOPY a /x/a\n', a: 'hello' })
    await builder.build('-o', join(root, 'out'), root)
    assert.equal(await readFile(join(root, 'out/x/a'), 'utf8'), 'hello')
    await builder.build('-o', `type=tar,dest=${root}/out.tar`, root)
    assert.match((await run('tar', ['tf', `${root}/out.tar`])).stdout, /^x\/a$/m)
    await builder.build('-o', `type=oci,dest=${root}/oci.tar`, '-t', 'away:1', root)
    assert.match((await run('tar', ['tf', `${root}/oci.tar`])).stdout, /^oci-layout$/m)
    assert.equal((await builder.ok(['images', '-q', 'away'])).trim(), '')
    const several = [`local,dest=${root}/two`, `tar,dest=${root}/two.tar`, `docker,dest=${root}/docker.tar`]
    await builder.build(...several.flatMap((output) => ['-o', `type=${output}`]), '-t', 'several:1', root)
    assert.equal(await readFile(join(root, 'two/x/a'), 'utf8'), 'hello')
    assert.match((await run('tar', ['tf', `${root}/two.tar`])).stdout, /^x\/a$/m)
    await builder.ok(['load', '-i', join(root, 'docker.tar')])
    assert.equal((await builder.ok(['images', '--format', '{{.Tag}}', 'several'])).trim(), '1')
  })

  await t.test('a file with several names is sent to a directory once', async () => {
    const root = await builder.context({
      Dockerfile: 'FROM busybox\nRUN --network=none mkdir /d && echo x >/d/b && ln /d/b /d/a\n',
    })
    await builder.build('-o', join(root, 'out'), root)
    const [one, other] = await Promise.all(['a', 'b'].map((name) => stat(join(root, 'out/d', name))))
    assert.equal(one?.ino, other?.ino)
    assert.equal(await readFile(join(root, 'out/d/b'), 'utf8'), 'x\n')
  })

  await t.test('named contexts, and bake with a target that stands on another', async () => {
    const other = await builder.context({ f: 'other\n' })
    const root = await builder.context({
      Dockerfile: 'FROM base\nCOPY --from=files /f /f\nRUN cat /f\n',
      'docker-bake.hcl': `
        group "default" { targets = ["top"] }
        target "below" { dockerfile-inline = "FROM busybox\\nENV LEVEL=below\\nRUN echo below > /level" }
        target "top" {
          contexts = { lower = "target:below" }
          dockerfile-inline = "FROM lower\\nRUN cat /level > /seen; echo $LEVEL >> /seen"
          tags = ["baked:1"]
        }`,
    })
    const args = ['--build-context', 'base=docker-image://busybox', '--build-context', `files=${other}`]
    const named = await builder.build(...args, root)
    assert.match(named, /^#\d+ [\d.]+ other$/m)
    assert.match(named, /FROM docker\.io\/library\/busybox:latest$/m)
    assert.match(await builder.ok(['buildx', 'bake', '--progress=plain'], root), /^#\d+ \[top 1\/2\] FROM lower$/m)
    assert.equal(await look('baked:1', 'cat', '/seen'), 'below\nbelow\n')
  })

  await t.test('the builder tells what its collector goes by', async () => {
    const told = await builder.ok(['buildx', 'inspect'])
    assert.match(told, /GC Policy rule#0:\s+All:\s+true\s[^#]*Keep Duration:\s+168h0m0s/)
    assert.match(told, /GC Policy rule#1:[\s\S]*Reserved Space:[\s\S]*Max Used Space:[\s\S]*Min Free Space:/)
  })

  await t.test('checks, targets, usage and history are told', async () => {
    const root = await builder.context({ Dockerfile: 'FROM busybox AS first\nMAINTAINER me\nFROM first AS last\n' })
    const { code, stdout } = await builder.run(['build', '--check', root])
    assert.match(stdout, /MaintainerDeprecated/)
    assert.equal(code, 1)
    const warned = await builder.build(root)
    assert.match(warned, /1 warning found[\s\S]* - MaintainerDeprecated: .* \(line 2\)$/m)
    assert.doesNotMatch(warned, /checks/)
    assert.match(await builder.ok(['build', '--call=targets', root]), /^first\s[\s\S]*^last \(default\)/m)
    assert.match(await builder.ok(['buildx', 'du']), /Total:/)
    assert.match(await builder.ok(['buildx', 'history', 'ls']), /Completed/)
    assert.match(await builder.ok(['buildx', 'ls']), /default\*\s+docker[\s\S]*running/)
    // What was used lately stays.
    const layers = async (): Promise<number> =>
      (await builder.ok(['buildx', 'du'])).match(/^[0-9a-z]{25}\b/gm)?.length ?? 0
    const held = await layers()
    assert.ok(held > 0)
    await builder.ok(['buildx', 'prune', '-af', '--filter', 'until=24h'])
    assert.equal(await layers(), held)
    await builder.ok(['buildx', 'prune', '-af'])
    assert.equal(await layers(), 0)
  })

  await t.test('an OCI layout of the client’s is a named context, by its tag and by its digest', async () => {
    const root = await builder.context({
      below: 'FROM busybox\nENV FROM=layout\nRUN echo laid > /laid\n',
      Dockerfile: 'FROM base\nCOPY --from=files /laid /copied\nRUN cat /copied; echo $FROM\n',
    })
    const layout = join(root, 'layout')
    await builder.build('-o', `type=oci,dest=${root}/below.tar`, '-t', 'below:v1', '-f', join(root, 'below'), root)
    await mkdir(layout)
    assert.equal((await run('tar', ['xf', `${root}/below.tar`, '-C', layout])).code, 0)
    const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'))
    const { digest } = index.manifests[0]
    const contexts = (base: string, files: string) => [
      ...['--build-context', `base=oci-layout://${layout}${base}`],
      ...['--build-context', `files=oci-layout://${layout}${files}`],
    ]
    await builder.ok(['builder', 'prune', '-f', '-a'])
    const told = await builder.build(...contexts(':v1', `@${digest}`), '-t', 'laid:1', root)
    assert.match(told, /^#\d+ [\d.]+ laid\n#\d+ [\d.]+ layout$/m)
    assert.equal(await look('laid:1', 'cat', '/laid'), 'laid\n')
    assert.equal((await builder.ok(['images', '-q', 'below'])).trim(), '')
    // A blob that isn't what its digest says is refused, when it has to be read.
    await builder.ok(['image', 'rm', '-f', 'laid:1'])
    await builder.ok(['builder', 'prune', '-f', '-a'])
    const manifest = JSON.parse(await readFile(join(layout, 'blobs', digest.replace(':', '/')), 'utf8'))
    const blob = join(layout, 'blobs', manifest.layers.at(-1).digest.replace(':', '/'))
    const bytes = await readFile(blob)
    await writeFile(blob, bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1))
    assert.match(await builder.fails(...contexts(':v1', ':v1'), root), /ERROR: .*(digest|verif|corrupt)/i)
    await rm(blob)
    assert.match(await builder.fails(...contexts(':v1', ':v1'), root), /not found/)
  })

  await t.test('a client that goes away ends its steps', async () => {
    const mark = `${process.pid}${Date.now() % 1000}`
    const root = await builder.context({ Dockerfile: `FROM busybox\nRUN sleep 9${mark}\n` })
    const client = builder.spawn(['build', root])
    const ended = once(client, 'close')
    const running = async (): Promise<boolean> => (await processesNaming([`sleep 9${mark}`])).length > 0
    const patience = 60_000
    await eventually('the step runs', running, patience)
    client.kill('SIGINT')
    await ended
    await eventually('the step ends', async () => !(await running()), patience)
    const steps = join(engine.dataRoot, 'builds/steps')
    await eventually('nothing of it is left', async () => (await readdir(steps)).length === 0, patience)
  })

  await t.test('a result is pushed as it is built', async () => {
    await using registry = await TestRegistry.start(scratch)
    const root = await builder.context({ Dockerfile: 'FROM busybox\nCOPY f /pushed\n', f: 'from afar\n' })
    const name = `${registry.address}/built/here:1`
    const file = join(root, 'metadata')
    await builder.ok(['buildx', 'build', '--push', '-t', name, '--metadata-file', file, root])
    const { 'containerimage.digest': digest } = JSON.parse(await readFile(file, 'utf8'))
    await builder.ok(['rmi', '-f', name])
    await builder.ok(['pull', `${registry.address}/built/here@${digest}`])
    assert.equal(await look(`${registry.address}/built/here@${digest}`, 'cat', '/pushed'), 'from afar\n')
    await builder.build('-o', `type=image,name=${registry.address}/built/here:2,push=true`, root)
    await builder.ok(['pull', `${registry.address}/built/here:2`])
  })

  await t.test('what is not there yet is refused, and said to be', async () => {
    const root = await builder.context({ Dockerfile: 'FROM scratch\nCOPY f /\n', f: '' })
    const refused: readonly (readonly [args: readonly string[], words: RegExp])[] = [
      [['--platform', 'linux/amd64,linux/arm64'], /several platforms at once is not supported/],
      [['--provenance', 'mode=max'], /attestations? (?:is|are) not supported/i],
      [['--sbom', 'true'], /attestations? (?:is|are) not supported/i],
      [['--allow', 'security.insecure'], /granting entitlement security\.insecure is not allowed by build daemon/],
      [['-o', `type=oci,dest=${root}/a.tar,compression=estargz`], /compression estargz is not supported/],
      [['--cache-to', `type=local,dest=${root}/cache`], /exporting the build cache is not supported/],
      [['--build-arg', 'BUILDKIT_SYNTAX=example/frontend:1'], /example\/frontend:1.* is not supported/],
    ]
    for (const [args, words] of refused) assert.match(await builder.fails(...args, root), words)
    const other = await builder.context({
      Dockerfile: '# syntax=example.com/frontend:2\nFROM scratch\nCOPY f /\n',
      f: '',
    })
    assert.match(await builder.fails(other), /example\.com\/frontend:2.* is not supported/)
    const imported = await builder.build('--cache-from', 'example.com/cache:1', '--add-host', 'up:host-gateway', root)
    assert.match(imported, /importing cache manifest from example\.com\/cache:1\n#\d+ ERROR: .*is not supported/)
    const own = await builder.context({
      Dockerfile: '# syntax=docker/dockerfile:1.7-labs\nFROM scratch\nCOPY f /\n',
      f: '',
    })
    await builder.build(own)
  })

  await t.test('the remote driver needs no more than the socket', async () => {
    await builder.ok(['buildx', 'create', '--name', 'away', '--driver', 'remote', engine.host])
    const root = await builder.context({ Dockerfile: dockerfile, 'file.txt': 'remote\n' })
    await builder.ok(['buildx', '--builder', 'away', 'build', '--load', '-t', 'loaded:1', root])
    assert.equal(await look('loaded:1', 'cat', '/data/file.txt'), 'remote\n')
  })
})
