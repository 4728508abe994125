import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Progress } from './progress.ts'

test('steps of two builds are one where they are made of the same, and in one build never', () => {
  const [one, other] = [new Progress(), new Progress()]
  const base = one.step('FROM busybox', [], '')
  const sameBase = other.step('FROM busybox', [], '')
  assert.equal(base.digest, sameBase.digest)
  assert.equal(one.step('RUN make', [base], 'A=1').digest, other.step('RUN make', [sameBase], 'A=1').digest)
  assert.notEqual(one.step('RUN test', [base], 'A=1').digest, other.step('RUN test', [sameBase], 'A=2').digest)
  assert.notEqual(one.step('COPY . .', [base]).digest, other.step('COPY . .', [sameBase]).digest)
  assert.notEqual(one.step('exporting to image').digest, other.step('exporting to image').digest)
  assert.notEqual(one.step('RUN make', [base], 'A=1').digest, one.step('RUN make', [base], 'A=1').digest)
})
