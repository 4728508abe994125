import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientNames } from './harness/client.ts'
import { TestEngine } from './harness/engine.ts'
import { isLong } from './harness/place.ts'
import { TestRegistry } from './harness/registry.ts'
import { openScratch } from './harness/scratch.ts'
import { buildImages } from './voyage/build.ts'
import { commitChanges, runShell } from './voyage/container.ts'
import { publishWeb } from './voyage/publish.ts'
import { shareImages } from './voyage/share.ts'
import { visitWeb } from './voyage/visit.ts'

/**
 * The first voyage: a base image from the distribution's packages, a shell in it, a commit, a Dockerfile with real software, a
 * registry, and the image run from there. Once with each client; every step goes on from the ones before it.
 */
test('the first voyage', async (t) => {
  await using scratch = await openScratch()
  await using harbour = await TestRegistry.start(scratch)
  // Who works on these tests may have it pulled from a registry instead of waiting until it is made.
  const given = process.env['SLIPWAY_TEST_DEBIAN']
  const base = given ?? `${harbour.address}/library/debian:bookworm`

  for (const name of clientNames) {
    await t.test(`with ${name} as the client`, async (t) => {
      await using own = await openScratch()
      await using registry = await TestRegistry.start(own)
      await using engine = await TestEngine.start(own, { registries: registry.asDockerHub })
      const client = engine.client(name)
      const slipway = engine.client('slipway')
      const stage = { client, engine, registry, scratch: own }

      await t.test('1. busybox is made from the host’s own program, twice the same', async () => {
        await slipway.ok(['image', 'bootstrap', 'busybox'])
        const first = await client.ok(['images', '-q', '--no-trunc', 'busybox'])
        assert.match(first, /^sha256:[0-9a-f]{64}$/)
        await slipway.ok(['image', 'bootstrap', 'busybox'])
        assert.equal(await client.ok(['images', '-q', '--no-trunc', 'busybox']), first)
      })

      await t.test('1. debian:bookworm is made of packages; the second engine gets it from the registry', async () => {
        if (name === 'docker' && given === undefined) {
          await slipway.ok(['image', 'bootstrap', 'debian:bookworm'], { timeout: 300_000 })
          await client.ok(['tag', 'debian:bookworm', base])
          await client.ok(['push', base])
        } else {
          await client.ok(['pull', base])
          await client.ok(['tag', base, 'debian:bookworm'])
        }
        const listed = await client.ok(['images', '--format', '{{.Repository}}:{{.Tag}}'])
        assert.ok(listed.split('\n').includes('debian:bookworm'), listed)
      })

      if (isLong)
        await t.test('1. debian:bookworm is the same when it is made again', async () => {
          const first = await client.ok(['images', '-q', '--no-trunc', 'debian:bookworm'])
          await slipway.ok(['image', 'bootstrap', 'debian:bookworm'], { timeout: 300_000 })
          assert.equal(await client.ok(['images', '-q', '--no-trunc', 'debian:bookworm']), first)
        })

      await runShell(t, stage)
      await commitChanges(t, stage)
      await buildImages(t, stage)
      await shareImages(t, stage)
      await publishWeb(t, stage)
      await visitWeb(t, stage)
    })
  }
})
