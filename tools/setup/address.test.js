import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { checkAddress, listenAddress } from './address.js'

test('listenAddress() reads the last --listen, in both forms, and knows the usual address', () => {
  assert.deepEqual(listenAddress([]), { host: '127.0.0.1', port: 5000 })
  assert.deepEqual(listenAddress(['--once', '--listen', '127.0.0.1:5001']), { host: '127.0.0.1', port: 5001 })
  assert.deepEqual(listenAddress(['--listen=a:1', '--listen=[::1]:5002']), { host: '::1', port: 5002 })
  for (const args of [['--listen'], ['--listen='], ['--listen', 'a:70000']])
    assert.equal(listenAddress(args), undefined)
})

test('checkAddress() refuses an address that somebody listens on, and takes it when it is free again', async () => {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const args = ['--listen', `127.0.0.1:${port}`]
  try {
    await assert.rejects(checkAddress(args), { message: new RegExp(`^127\\.0\\.0\\.1:${port} is taken`) })
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
  await checkAddress(args)
})
