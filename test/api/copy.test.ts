import assert from 'node:assert/strict'
import { chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { eventually } from '../harness/patience.ts'
import { openScratch } from '../harness/scratch.ts'

test('docker cp gives files to those who are meant to have them', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const [docker, slipway] = [engine.client(), engine.client('slipway')]
  const source = join(scratch.path, 'tree')
  await mkdir(source)
  await writeFile(join(source, 'file'), 'text')
  for (const path of [source, join(source, 'file')]) await chown(path, 321, 654)
  // A user that only this container knows.
  const script = 'echo ship:x:77:88::/:/bin/sh >>/etc/passwd; echo crew:x:99: >>/etc/group; mkdir /in; exec sleep 1000'
  await docker.ok(['run', '-d', '--name', 'box', '--user', '0:5', 'busybox', 'sh', '-c', script])
  await eventually('it is ready', async () => (await docker.run(['exec', 'box', 'test', '-d', '/in'])).code === 0)
  await docker.ok(['create', '--name', 'still', '--user', 'nobody', 'busybox', 'true'])
  const ownerOf = (path: string): Promise<string> => docker.ok(['exec', 'box', 'stat', '-c', '%u:%g', path])

  const cases = [
    ['docker', [], '321:654'],
    ['docker', ['-a'], '0:5'],
    ['slipway', ['-a'], '0:5'],
    ['slipway', ['--user', 'ship'], '77:88'],
    ['slipway', ['--user', '12:crew'], '12:99'],
  ] as const
  for (const [name, flags, owner] of cases) {
    await t.test(`${name} cp ${flags.join(' ')}: ${owner}`, async () => {
      const to = `/in/${name}${flags.join('')}`
      await engine.client(name).ok(['cp', ...flags, source, `box:${to}`])
      assert.deepEqual([await ownerOf(to), await ownerOf(`${to}/file`)], [owner, owner])
    })
  }

  await t.test('a container that does not run knows its users too', async () => {
    await docker.ok(['cp', '-a', source, 'still:/kept'])
    await slipway.ok(['cp', 'still:/kept/file', join(scratch.path, 'back')])
    assert.equal(await readFile(join(scratch.path, 'back'), 'utf8'), 'text')
    const tar = await engine.ask('/containers/still/archive?path=/kept/file')
    const [uid = ''] = /\d{7}/.exec(tar.text.slice(108, 116)) ?? []
    assert.equal(Number.parseInt(uid, 8), 65534)
  })

  await t.test('a user that nobody knows is refused, and nothing is copied', async () => {
    const { message } = await slipway.fails(['cp', '--user', 'nosuch', source, 'box:/nosuch'])
    assert.match(message, /unable to find user nosuch: no matching entries in passwd file/)
    assert.equal((await docker.run(['exec', 'box', 'test', '-e', '/nosuch'])).code, 1)
    const out = await slipway.fails(['cp', '--user', 'ship', 'box:/in', join(scratch.path, 'out')])
    assert.match(out.message, /--user is for copies into a container/)
  })
})
