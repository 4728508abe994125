import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InProcessLeases } from './in-process.ts'

test('what two leases hold is held until both are gone', async () => {
  const leases = new InProcessLeases()
  const layer = { kind: 'content', name: 'sha256:1' } as const
  {
    await using pull = leases.take('pull')
    {
      await using build = leases.take('build')
      build.hold(layer)
      build.hold(layer)
      pull.hold(layer)
      assert.equal(leases.isHeld(layer), true)
    }
    assert.equal(leases.isHeld(layer), true)
    assert.equal(leases.isHeld({ kind: 'snapshot', name: 'sha256:1' }), false)
  }
  assert.equal(leases.isHeld(layer), false)
})
