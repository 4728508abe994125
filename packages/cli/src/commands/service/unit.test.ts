import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unitText, unitWord } from './unit.ts'

test('unitWord() keeps systemd from reading anything into a word', () => {
  assert.equal(unitWord('--data-root'), '--data-root')
  assert.equal(unitWord('a b'), '"a b"')
  assert.equal(unitWord('50%$HOME'), '"50%%$$HOME"')
  assert.equal(unitWord('say "hi"\\'), '"say \\"hi\\"\\\\"')
  assert.throws(() => unitWord('a\nExecStartPre=/bin/evil'), /can't hold/)
})

test('unitText() is a daemon whose end leaves its containers alone', () => {
  const unit = unitText({
    program: '/opt/slipway/bin/slipway',
    host: 'unix:///run/slipway/slipway.sock',
    group: 'docker',
    flags: ['--debug'],
  })
  assert.match(unit, /^KillMode=process$/m)
  assert.match(unit, /^Delegate=yes$/m)
  assert.match(
    unit,
    /^ExecStart=\/opt\/slipway\/bin\/slipway engine --host unix:\/\/\/run\/slipway\/slipway\.sock --group docker --debug$/m,
  )
})
