import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseStartOutput } from './start.ts'

test('the address is read from what old and new shims print', () => {
  assert.deepEqual(parseStartOutput('unix:///run/containerd/s/ab12'), { socket: '/run/containerd/s/ab12', version: 2 })
  assert.deepEqual(parseStartOutput('{"version":3,"address":"unix:///run/containerd/s/ab","protocol":"ttrpc"}\n'), {
    socket: '/run/containerd/s/ab',
    version: 3,
  })
  assert.deepEqual(parseStartOutput('{"version":2,"address":"unix:///s","protocol":"ttrpc"}'), {
    socket: '/s',
    version: 2,
  })
})

test('anything else is no address', () => {
  for (const output of ['', 'usage: shim', '{"version":3}', '{"version":3,"address":"unix:///s","protocol":"grpc"}']) {
    assert.equal(parseStartOutput(output), undefined, output)
  }
})
