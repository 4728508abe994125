import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostWarnings, parseHosts, type TlsSettings } from './hosts.ts'

const plain: TlsSettings = {
  tls: false,
  verify: false,
  caCert: undefined,
  cert: undefined,
  key: undefined,
  allowPlain: true,
}

test('parseHosts() reads sockets and addresses', async () => {
  assert.deepEqual(await parseHosts(['unix:///run/a.sock', 'tcp://[::1]:99', 'tcp://0.0.0.0'], plain), [
    { kind: 'unix', path: '/run/a.sock' },
    { kind: 'tcp', host: '::1', port: 99, tls: undefined },
    { kind: 'tcp', host: '0.0.0.0', port: 2375, tls: undefined },
  ])
})

test('parseHosts() refuses what is no address, and plain TCP that was not asked for', async () => {
  for (const host of ['unix://a', 'fd://', 'tcp://a b:1', 'tcp://x:99999', '/run/a.sock', 'tcp://x:1/path']) {
    await assert.rejects(parseHosts([host], plain), { code: 'invalid' }, host)
  }
  await assert.rejects(parseHosts(['tcp://127.0.0.1:1'], { ...plain, allowPlain: false }), /refusing to listen/)
  await assert.rejects(parseHosts(['tcp://127.0.0.1:1'], { ...plain, verify: true }), /needs --tlscert/)
})

test('hostWarnings() warns of every address that lets in anybody', async () => {
  const hosts = await parseHosts(['unix:///run/a.sock', 'tcp://127.0.0.1:1', 'tcp://10.0.0.1:2'], plain)
  const [local, remote, ...rest] = hostWarnings(hosts)
  assert.match(local ?? '', /tcp:\/\/127\.0\.0\.1:1 without encryption: every process on this machine/)
  assert.match(remote ?? '', /tcp:\/\/10\.0\.0\.1:2 without encryption: everyone who can reach it/)
  assert.deepEqual(rest, [])
})
