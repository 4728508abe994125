import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hostResolvConf, type ResolvConfOptions, resolvConf as wholeText } from './resolv-conf.ts'

/** Without comments and empty lines. */
const resolvConf = (options: ResolvConfOptions): string => wholeText(options).replaceAll(/^(?:#.*)?\n/gm, '')

test('with a name server of our own it is the only one, and names without a dot are asked for first', () => {
  const host = 'nameserver 192.0.2.53\nsearch example.com\noptions edns0\n'
  const nameServer = '127.0.0.11'
  assert.equal(
    resolvConf({ host, nameServer, dns: ['192.0.2.1'] }),
    'nameserver 127.0.0.11\nsearch example.com\noptions edns0 ndots:0\n',
  )
  assert.match(resolvConf({ host, nameServer, options: ['ndots:2'] }), /^options ndots:2$/m)
})

test("the host's servers are passed on, without those that only the host can reach", () => {
  const host = '# made by hand\nnameserver 127.0.0.1\nnameserver ::1\nnameserver 192.0.2.53\nnameserver 2001:db8::53\n'
  assert.equal(resolvConf({ host }), 'nameserver 192.0.2.53\n')
  assert.equal(resolvConf({ host, ipv6: true }), 'nameserver 192.0.2.53\nnameserver 2001:db8::53\n')
  assert.match(resolvConf({ host, hostNetwork: true }), /^nameserver 127\.0\.0\.1\nnameserver ::1\n/)
})

test('comments say what the file is made of', () => {
  const host = 'nameserver 192.0.2.53\noptions ndots:2\n'
  const comments = (options: Omit<ResolvConfOptions, 'host'>): readonly string[] =>
    wholeText({ host, ...options })
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .slice(1)
  assert.deepEqual(comments({}), ['# Overrides: []'])
  assert.deepEqual(comments({ dns: ['192.0.2.1'], search: ['.'] }), ['# Overrides: [nameservers search]'])
  assert.deepEqual(comments({ nameServer: '127.0.0.11' }), [
    '# ExtServers: [host(192.0.2.53)]',
    '# Overrides: []',
    '# Option ndots from: host',
  ])
  assert.deepEqual(comments({ nameServer: '127.0.0.11', dns: ['192.0.2.1'], options: ['timeout:1'] }), [
    '# ExtServers: [192.0.2.1]',
    '# Overrides: [nameservers options]',
    '# Option ndots from: internal',
  ])
})

test("where no server is left, docker's fallback is used", () => {
  assert.equal(resolvConf({ host: '' }), 'nameserver 8.8.8.8\nnameserver 8.8.4.4\n')
  assert.equal(
    resolvConf({ host: 'nameserver 127.0.0.53\nsearch example.com\n' }),
    'nameserver 8.8.8.8\nnameserver 8.8.4.4\nsearch example.com\n',
  )
})

test('the last search counts, options add up, and unknown lines stay', () => {
  const host =
    'domain old.example\nsearch a.example b.example\noptions ndots:2\noptions edns0\nsortlist 192.0.2.0\nnameserver 192.0.2.1\n'
  assert.equal(
    resolvConf({ host }),
    'nameserver 192.0.2.1\nsearch a.example b.example\noptions ndots:2 edns0\nsortlist 192.0.2.0\n',
  )
})

test('what the user asks for replaces what the host has, even a loopback server', () => {
  const host = 'nameserver 192.0.2.1\nsearch a.example\noptions edns0\n'
  const asked = { host, dns: ['127.0.0.9'], search: ['c.example'], options: ['ndots:1'] }
  assert.equal(resolvConf(asked), 'nameserver 127.0.0.9\nsearch c.example\noptions ndots:1\n')
  assert.equal(resolvConf({ host, search: ['.'] }), 'nameserver 192.0.2.1\noptions edns0\n')
})

test('nothing can be smuggled in as another line', () => {
  for (const bad of [
    { dns: ['8.8.8.8\nsearch evil'] },
    { dns: ['dns.example'] },
    { search: ['a b'] },
    { options: ['x\ny'] },
  ]) {
    assert.throws(() => resolvConf({ host: '', ...bad }), { code: 'invalid' })
  }
})

test('hostResolvConf() looks behind the stub of systemd-resolved', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-resolv-'))
  t.after(() => rm(directory, { recursive: true }))
  const [path, behind, missing] = ['resolv.conf', 'behind', 'missing'].map((name) => join(directory, name))
  assert.ok(path && behind && missing)
  await writeFile(path, 'nameserver 127.0.0.53\noptions edns0\n')
  await writeFile(behind, 'nameserver 192.0.2.7\n')
  assert.equal(await hostResolvConf(path, behind), 'nameserver 192.0.2.7\n')
  assert.equal(await hostResolvConf(path, missing), 'nameserver 127.0.0.53\noptions edns0\n')
  await writeFile(path, 'nameserver 127.0.0.53\nnameserver 192.0.2.8\n')
  assert.match(await hostResolvConf(path, behind), /192\.0\.2\.8/)
  assert.equal(await hostResolvConf(missing, behind), '')
})
