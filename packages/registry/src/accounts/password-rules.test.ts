import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkNewPassword } from './password-rules.ts'

test('checkNewPassword() refuses what is short, common, or the name itself', () => {
  const refused = [
    ['short pwd', /too short/],
    ['🙂🙂🙂🙂🙂', /too short/],
    ['aaaaaaaaaaaa', /tried first/],
    ['Password1234!', /tried first/],
    ['qwertyuiop', /tried first/],
    ['1234567890', /tried first/],
    ['iloveyou2026', /tried first/],
    ['Correct-Horse-Battery-Staple', /tried first/],
    ['ada.lovelace1', /account’s name/],
  ] as const
  for (const [password, message] of refused) {
    assert.throws(() => checkNewPassword(password, 'ada.lovelace'), { code: 'invalid', message }, password)
  }
})

test('checkNewPassword() takes what nobody tries first, whatever it is made of', () => {
  for (const password of [
    'master builder',
    'another secret',
    '海のカモメが三羽飛んでいる',
    'Xk2!pq9-Lw',
    'my admin likes tea',
  ]) {
    checkNewPassword(password, 'ada.lovelace')
  }
})
