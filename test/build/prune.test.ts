import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEngine } from '../harness/engine.ts'
import { openScratch } from '../harness/scratch.ts'
import { Builder } from './builder.ts'

/** 3 MB in the cache of a mount, 2 MB in a layer that no image has, 1 MB in one that has a name, and a context. */
const fill = async (builder: Builder): Promise<string> => {
  const root = await builder.context({
    Dockerfile: [
      'FROM busybox AS unnamed',
      'RUN --mount=type=cache,target=/c,id=kept dd if=/dev/urandom of=/c/f bs=1M count=3 2>/dev/null',
      'RUN dd if=/dev/urandom of=/two bs=1M count=2 2>/dev/null',
      'FROM busybox',
      'COPY --from=unnamed /bin/busybox /copied',
      'RUN dd if=/dev/urandom of=/one bs=1M count=1 2>/dev/null',
      'COPY f /f',
    ].join('\n'),
    f: 'f\n',
  })
  await builder.build('-t', 'named:1', root)
  return root
}

test('du tells what the cache takes, and prune takes away what it is asked to', async () => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const builder = await Builder.open(scratch, engine)
  const root = await fill(builder)
  const du = async (...args: readonly string[]): Promise<string> => builder.ok(['buildx', 'du', '--verbose', ...args])
  const sizes = async (...args: readonly string[]) =>
    [...(await du(...args)).matchAll(/^Size:\s+(.*)$/gm)].map(([, size]) => size)
  const cached = async (): Promise<number> =>
    (await builder.build('-t', 'named:1', root)).match(/^#\d+ CACHED$/gm)?.length ?? 0

  assert.match(await du(), /^Type:\s+exec\.cachemount$/m)
  assert.match(await du(), /^Type:\s+source\.local$/m)
  assert.deepEqual(
    (await sizes('--filter', 'type=exec.cachemount')).map((size) => size?.replace(/\.\d+/, '')),
    ['3MB'],
  )
  assert.ok((await sizes('--filter', 'shared=1')).length >= 3)
  assert.ok((await sizes('--filter', 'private=1')).some((size) => /^2(?:\.\d+)?MB$/.test(size ?? '')))
  const df = await builder.ok(['system', 'df'])
  assert.match(df, /^Build Cache\s+\d+\s+0\s+\S+/m)

  // Everything but what was used least lately may stay, or all of it may.
  await builder.ok(['buildx', 'prune', '-f', '--max-used-space', '1GB'])
  await builder.ok(['buildx', 'prune', '-f', '--min-free-space', '1'])
  await builder.ok(['buildx', 'prune', '-f', '--filter', 'until=1h'])
  assert.equal(await cached(), 5)
  assert.match(
    await builder.ok(['buildx', 'prune', '-f', '--filter', 'type=exec.cachemount']),
    /Total:\s+3(?:\.\d+)?MB/,
  )
  assert.doesNotMatch(await du(), /cachemount/)
  assert.equal(await cached(), 5)
  // Without --all the steps of what has a name stay.
  assert.match(await builder.ok(['builder', 'prune', '-f']), /Total.*\b2(?:\.\d+)?MB/)
  assert.deepEqual(await sizes('--filter', 'private=1'), [])
  assert.ok((await cached()) >= 2)
  // Through the API that clients without buildx have.
  const { status, text } = await engine.ask('/v1.48/build/prune?all=1&max-used-space=1', { method: 'POST' })
  assert.equal(status, 200, text)
  const { CachesDeleted, SpaceReclaimed } = JSON.parse(text)
  assert.ok(CachesDeleted.length > 0 && SpaceReclaimed > 0, text)
  const wrong = await engine.ask(`/v1.48/build/prune?filters=${encodeURIComponent('{"nothing":["1"]}')}`, {
    method: 'POST',
  })
  assert.equal(wrong.status, 400)
  await builder.ok(['buildx', 'prune', '-f', '-a'])
  assert.equal(await cached(), 0)
  assert.match(await builder.ok(['run', '--rm', 'named:1', 'cat', '/f']), /^f$/m)
})
