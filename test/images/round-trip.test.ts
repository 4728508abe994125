import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { DebianRegistry } from '../harness/debian-registry.ts'
import { TestEngine } from '../harness/engine.ts'
import { Peers } from '../harness/peers.ts'
import { TestRegistry } from '../harness/registry.ts'
import { openScratch } from '../harness/scratch.ts'
import { buildSample, sampleSays } from './sample.ts'

const digestIn = (printed: string): string => /[Dd]igest: (sha256:[0-9a-f]{64})/.exec(printed)?.[1] ?? printed

const removeAll = async (engine: TestEngine): Promise<void> => {
  const ids = (await engine.client().ok(['images', '-aq', '--no-trunc'])).split('\n')
  await engine.client().ok(['rmi', '-f', ...new Set(ids)])
}

test('an image pushed, pulled and pushed again is the same to the last byte', async (t) => {
  await using scratch = await openScratch()
  await using own = await TestRegistry.start(scratch)
  await using debian = await DebianRegistry.start(scratch)
  await using engine = await TestEngine.start(scratch)
  const peers = await Peers.open(scratch)
  const client = engine.client()
  const rawOf = (name: string) => peers.ok('skopeo', 'inspect', '--raw', '--tls-verify=false', `docker://${name}`)

  for (const [name, { address }, elsewhere] of [
    ['our registry', own, debian],
    ["Debian's docker-registry", debian, own],
  ] as const) {
    await t.test(`to and from ${name}`, async () => {
      const [there, again] = [`${address}/some/sample:1`, `${elsewhere.address}/other/sample:2`]
      await engine.addBusybox()
      await buildSample(engine, scratch, there)
      const digest = digestIn(await client.ok(['push', there]))
      const raw = await rawOf(there)
      assert.equal(`sha256:${createHash('sha256').update(raw).digest('hex')}`, digest)
      const id = await client.ok(['images', '-q', '--no-trunc', there])
      await removeAll(engine)

      assert.equal(digestIn(await client.ok(['pull', there])), digest)
      assert.equal(await client.ok(['images', '-q', '--no-trunc', there]), id)
      assert.equal(await client.ok(['run', '--rm', there]), sampleSays)
      assert.equal(
        await client.ok(['images', '--digests', '--format', '{{.Repository}}={{.Digest}}']),
        `${address}/some/sample=${digest}`,
      )
      await client.ok(['tag', there, again])
      assert.equal(digestIn(await client.ok(['push', again])), digest)
      assert.equal(await rawOf(again), raw)
      await engine.client('slipway').ok(['system', 'check'])
      await removeAll(engine)

      await client.ok(['pull', `${again.replace(/:2$/, '')}@${digest}`])
      assert.equal(await client.ok(['images', '-q', '--no-trunc', `${again.replace(/:2$/, '')}@${digest}`]), id)
      await removeAll(engine)
    })
  }
})
