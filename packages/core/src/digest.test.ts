import assert from 'node:assert/strict'
import { test } from 'node:test'
import { algorithmOf, chainIdOf, chainIds, digestOf, hexOf, isDigest, parseDigest } from './digest.ts'

const empty = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

test('digestOf() names bytes by either algorithm', () => {
  assert.equal(digestOf(''), empty)
  assert.equal(algorithmOf(digestOf('', 'sha512')), 'sha512')
  assert.equal(hexOf(digestOf('', 'sha512')).length, 128)
})

test('parseDigest() takes nothing but a canonical digest', () => {
  assert.equal(parseDigest(empty), empty)
  for (const text of [
    '',
    'sha256:',
    empty.toUpperCase(),
    `${empty}0`,
    `${empty}\n`,
    `md5:${'0'.repeat(32)}`,
    hexOf(digestOf('')),
  ]) {
    assert.equal(isDigest(text), false)
    assert.throws(() => parseDigest(text), { code: 'invalid' })
  }
})

test('chainIds() follows the image-spec: the first is the layer, each next stands on the one before', () => {
  const [a, b] = [digestOf('a'), digestOf('b')]
  assert.deepEqual(chainIds([a, b]), [a, digestOf(`${a} ${b}`)])
  assert.equal(chainIdOf([a, b]), digestOf(`${a} ${b}`))
  assert.equal(chainIdOf([]), undefined)
})
