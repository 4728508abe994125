import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback, parseAddress } from './address.ts'

test('parseAddress() reads a host and a port, and refuses what is neither', () => {
  for (const text of ['5000', '127.0.0.1', '127.0.0.1:70000', '::1:5000', 'a:b:c']) {
    assert.throws(() => parseAddress(text), /invalid address/, text)
  }
  assert.deepEqual(parseAddress('[::1]:5000'), { host: '::1', port: 5000 })
  assert.deepEqual(parseAddress(':5000'), { host: '0.0.0.0', port: 5000 })
})

test('isLoopback() knows what only this machine can reach', () => {
  for (const host of ['127.0.0.1', '127.8.0.1', 'localhost', '::1']) assert.equal(isLoopback(host), true, host)
  for (const host of ['0.0.0.0', '10.0.0.1', '::', '127.example.com', 'example.com']) {
    assert.equal(isLoopback(host), false, host)
  }
})
