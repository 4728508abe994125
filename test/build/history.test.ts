import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { run } from '../harness/run.ts'
import { openScratch } from '../harness/scratch.ts'
import { Builder } from './builder.ts'

test('builds are remembered when the daemon is killed: what they said, how they ended, and why their steps were made', async () => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const builder = await Builder.open(scratch, engine)
  const root = await builder.context({ Dockerfile: 'FROM busybox\nARG WHO\nRUN echo made by $WHO\nCOPY f /\n', f: '1' })
  const history = (...args: readonly string[]) => builder.ok(['buildx', 'history', ...args])
  await builder.build('--build-arg', 'WHO=one', root)
  await builder.build('--build-arg', 'WHO=two', root)
  const broken = await builder.context({ Dockerfile: 'FROM busybox\nRUN echo never; exit 3\n' })
  await builder.fails(broken)

  await engine.stopDaemon('SIGKILL')
  await engine.start()

  const listed = await history('ls')
  assert.equal(listed.match(/Completed/g)?.length, 2, listed)
  assert.match(listed, /Error/)
  // The newest one is the first.
  const refs = (await history('ls', '--format', '{{.Ref}}')).trim().split('\n')
  const [failed = '', second = '', first = ''] = refs.map((ref) => ref.slice(ref.lastIndexOf('/') + 1))
  assert.match(await history('logs', second), /made by two/)
  assert.match(await history('logs', failed), /never[\s\S]*exit code: 3/)
  assert.match(await history('inspect', second), /BUILD ARG\s+VALUE\nWHO\s+two/)
  assert.match(await history('inspect', failed), /exit code: 3/)

  const own = engine.client('slipway')
  const explained = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await own.run(['builder', 'explain', ...args])
    assert.equal(code, 0, `${stdout}${stderr}`)
    return stderr
  }
  assert.match(await explained(second), /3\/4 : RUN echo made by \$WHO\n {6}built: the argument WHO changed\n/)
  assert.match(await explained(first), /4\/4 : COPY f \/\n {6}built: nothing is known of an earlier build of it\n/)
  assert.match(await explained(), /2\/2 : RUN echo never/)

  const bundle = join(scratch.path, 'two.dockerbuild')
  assert.equal((await own.run(['builder', 'history', 'export', '-o', bundle, second, failed])).code, 0)
  const layout = join(scratch.path, 'bundle')
  await mkdir(layout)
  assert.equal((await run('tar', ['-xzf', bundle, '-C', layout])).code, 0)
  const blob = async (digest: string): Promise<Buffer> => {
    const bytes = await readFile(join(layout, 'blobs/sha256', digest.slice('sha256:'.length)))
    assert.equal(`sha256:${createHash('sha256').update(bytes).digest('hex')}`, digest)
    return bytes
  }
  const { manifests } = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'))
  const told = manifests.map(async ({ digest }: { digest: string }) => {
    const { config, layers } = JSON.parse((await blob(digest)).toString())
    const status = await blob(layers[0].digest)
    assert.equal(status.readUInt32LE(0), status.length - 4)
    return [JSON.parse((await blob(config.digest)).toString()).Ref, /made by two|never/.exec(status.toString())?.[0]]
  })
  assert.deepEqual(await Promise.all(told), [
    [second, 'made by two'],
    [failed, 'never'],
  ])
  assert.match((await own.run(['builder', 'history', 'trace'])).stderr, /the engine keeps no traces/)

  await history('rm', first)
  assert.equal((await history('ls', '--format', '{{.Ref}}')).trim().split('\n').length, 2)
  await history('rm', '--all')
  assert.doesNotMatch(await history('ls'), /Completed|Error/)
  assert.match((await own.run(['builder', 'explain'])).stderr, /No such build/)
})
