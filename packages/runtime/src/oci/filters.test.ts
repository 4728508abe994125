import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { OciSpec } from '../spec/oci.ts'
import { FilterCache } from './filters.ts'

const specWith = (defaultAction: string): OciSpec =>
  ({ ociVersion: '1.0.2', annotations: { own: 'x' }, linux: { seccomp: { defaultAction } } }) as unknown as OciSpec

const stateWith = async (t: TestContext, filter: Buffer): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-filters-'))
  t.after(() => rm(directory, { recursive: true }))
  await writeFile(join(directory, 'seccomp.bpf'), filter)
  return directory
}

test('a filter that was compiled once is handed to the next container with the same profile', async (t) => {
  const cache = new FilterCache()
  const [first, other] = [specWith('SCMP_ACT_ERRNO'), specWith('SCMP_ACT_ALLOW')]
  assert.equal(cache.apply('a', first), first)
  await cache.learn('a', await stateWith(t, Buffer.from('12345678')))
  assert.deepEqual(cache.apply('b', first), {
    ...first,
    annotations: { own: 'x', 'run.oci.seccomp_bpf_data': Buffer.from('12345678').toString('base64') },
  })
  assert.equal(cache.apply('c', other), other)
})

for (const [what, filter] of [
  ['an empty one', Buffer.alloc(0)],
  ['half a one', Buffer.alloc(13)],
] as const) {
  test(`${what} is no filter`, async (t) => {
    const cache = new FilterCache()
    const spec = specWith('SCMP_ACT_ERRNO')
    cache.apply('a', spec)
    await cache.learn('a', await stateWith(t, filter))
    assert.equal(cache.apply('b', spec), spec)
  })
}

test('a filter that somebody brings is his own', async (t) => {
  const cache = new FilterCache()
  const spec = specWith('SCMP_ACT_ERRNO')
  const own = { ...spec, annotations: { 'run.oci.seccomp_bpf_data': 'AAAA' } }
  cache.apply('a', own)
  const state = await stateWith(t, Buffer.alloc(8))
  await cache.learn('a', state)
  assert.equal(cache.apply('b', spec), spec)
  await cache.learn('b', state)
  assert.equal(cache.apply('c', own).annotations?.['run.oci.seccomp_bpf_data'], 'AAAA')
})
