import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertWritable } from './write.ts'

test('assertWritable() refuses a read-only root but for what is mounted to be written', () => {
  const hostConfig = { ReadonlyRootfs: true, Binds: ['/srv:/data', '/srv:/data/sealed:ro'], Tmpfs: { '/run': '' } }
  assert.throws(() => assertWritable({ hostConfig }, '/etc'), /container rootfs is marked read-only/)
  assert.throws(() => assertWritable({ hostConfig }, '/database'), /container rootfs is marked read-only/)
  assert.throws(() => assertWritable({ hostConfig }, '/data/sealed/x'), /mounted volume is marked read-only/)
  assertWritable({ hostConfig }, '/data/x')
  assertWritable({ hostConfig }, '/run')
  assertWritable({ hostConfig: {} }, '/etc')
})
