import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { Client } from '../harness/client.ts'
import { TestEngine } from '../harness/engine.ts'
import { openScratch } from '../harness/scratch.ts'
import { Builder } from './builder.ts'

/** Moments go on between two looks; tables are as wide as what is in them. */
const settle = (text: string): string =>
  text
    .replace(/(About an?|Less than a|\d+) (second|minute)s? ago/g, 'AGO')
    .replace(/"(LastUsedAt|LastActivity)":"[^"]*"/g, '"$1":""')
    .replace(/^Last Activity:.*\n/m, '')
    .replace(/^View build in Docker Desktop:.*\n/m, '')
    // buildx keeps it to itself, in a file of its own.
    .replace(/^ *"Context":.*\n/m, '')
    .replaceAll('docker buildx history', 'slipway builder history')
    .replace(/[ \t]+/g, ' ')
    .replace(/ $/gm, '')
    .trim()

/** buildx tells steps that ended meanwhile in no order. */
const inNoOrder = (text: string): string =>
  text
    .replace(/^#\d+ /gm, '')
    .split('\n')
    .sort()
    .join('\n')

test('slipway builder beside docker buildx', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const builder = await Builder.open(scratch, engine)
  const slipway = new Client('slipway', engine.host, join(scratch.path, 'buildx-client'), { DOCKER_BUILDKIT: '1' })
  const context = await builder.context({ Dockerfile: 'FROM busybox AS one\nCOPY f /\nRUN cat f\n', f: 'x' })
  const failing = await builder.context({ Dockerfile: 'FROM busybox\nRUN echo so; exit 3\n' })
  await slipway.ok(['build', '-t', 'kept', '--build-arg', 'A=b', '--label', 'l=m', '--target', 'one', context])
  await slipway.fails(['build', failing])
  await slipway.ok(['build', context])

  const looks: readonly (readonly string[])[] = [
    ['du'],
    ['du', '--filter', 'type=regular'],
    ['du', '--verbose'],
    ['du', '--format', '{{.ID}} {{.Size}} {{.Type}} {{.Mutable}} {{.Reclaimable}}'],
    ['ls'],
    ['inspect'],
    ['inspect', 'nowhere'],
    ['history', 'ls'],
    ['history', 'ls', '--format', '{{.Ref}} {{.Name}} {{.Status}}'],
    ['history', 'ls', '--format', 'json'],
    ['history', 'inspect', '^1', '--format', 'json'],
    ['history', 'inspect', 'nowhere'],
    ['history', 'logs'],
    ['history', 'logs', '^1'],
    ['prune', '-f', '--filter', 'until=24h'],
  ]
  for (const words of looks) {
    await t.test(words.join(' '), async () => {
      const theirs = await builder.run(['buildx', ...words])
      const ours = await slipway.run(['builder', ...words])
      const isLog = words[1] === 'logs'
      const seen = ({ code, stdout, stderr }: typeof ours) => ({
        code,
        stdout: settle(stdout),
        stderr: isLog ? inNoOrder(settle(stderr)) : settle(stderr),
      })
      assert.deepEqual(seen(ours), seen(theirs))
    })
  }

  await t.test('a record is explained and removed, the cache pruned', async () => {
    const [ref = ''] = (await slipway.ok(['builder', 'history', 'ls', '--format', '{{.Ref}}'])).split('\n')
    assert.match((await slipway.run(['builder', 'explain', ref])).stderr, /RUN cat f\n {6}cached/)
    await slipway.ok(['builder', 'history', 'rm', ref])
    assert.match((await slipway.fails(['builder', 'history', 'inspect', ref])).message, /no record found/)
    assert.match((await slipway.run(['build', '--explain', '--no-cache', context])).stderr, /cache was not to be used/)
    assert.match(await slipway.ok(['builder', 'prune', '-af']), /^[0-9a-z]{25}\*? +true[\s\S]*^Total:\t\d/m)
    assert.match(await slipway.ok(['builder', 'du']), /^Total:\t\t0B$/m)
    await slipway.ok(['builder', 'history', 'rm', '--all'])
    assert.equal(await slipway.ok(['builder', 'history', 'ls', '--format', '{{.Ref}}']), '')
  })
})
