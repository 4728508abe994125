import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertWritable } from './write.ts'

test('assertWritable() refuses a read-only root but for what is mounted to be written', () => {
  const host = { ReadonlyRootfs: true, Binds: ['/srv:/data', '/srv:/data/sealed:ro'], Tmpfs: { '/run': '' } }
  assert.throws(() => assertWritable(host, '/etc'), /container rootfs is marked read-only/)
  assert.throws(() => assertWritable(host, '/database'), /container rootfs is marked read-only/)
  assert.throws(() => assertWritable(host, '/data/sealed/x'), /mounted volume is marked read-only/)
  assertWritable(host, '/data/x')
  assertWritable(host, '/run')
  assertWritable({}, '/etc')
})
