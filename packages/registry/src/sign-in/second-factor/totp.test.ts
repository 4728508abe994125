import assert from 'node:assert/strict'
import { test } from 'node:test'
import { base32, codeAt, counterAt, counterOfCode, keyUri } from './totp.ts'

const secret = Buffer.from('12345678901234567890')

test('codeAt() gives the codes of RFC 6238, appendix B, and of RFC 4226, appendix D', () => {
  for (const [seconds, code] of [
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ] as const) {
    assert.equal(codeAt(secret, counterAt(seconds * 1000)), code.slice(2))
  }
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((counter) => codeAt(secret, counter)).join(' '),
    '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489',
  )
})

test('counterOfCode() takes the codes of now, of the step before and of the step after', () => {
  const now = 1_000_000_000_000
  const counter = counterAt(now)
  for (const step of [-1, 0, 1])
    assert.equal(counterOfCode(secret, codeAt(secret, counter + step), now), counter + step)
  for (const step of [-2, 2]) assert.equal(counterOfCode(secret, codeAt(secret, counter + step), now), undefined)
  for (const code of ['', '12345', '1234567', 'abcdef', '１２３４５６']) {
    assert.equal(counterOfCode(secret, code, now), undefined, code)
  }
  assert.equal(counterOfCode(secret, codeAt(secret, 0), 0), 0)
})

test('a secret is told as apps read it', () => {
  assert.equal(base32(secret), 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  assert.equal(base32(Buffer.from('fooba')), 'MZXW6YTB')
  assert.equal(base32(Buffer.from('f')), 'MY')
  assert.equal(
    keyUri(Buffer.from('fooba'), 'ada', 'hub.example:5000'),
    'otpauth://totp/hub.example%3A5000:ada?secret=MZXW6YTB&issuer=hub.example%3A5000',
  )
})
