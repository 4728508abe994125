import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseReference } from '@slipway/core'
import { loginEndpoint, parseRegistryRules, pullEndpoints, pushEndpoint, searchEndpoint } from './rules.ts'

const web = parseReference('user/web:v1')

test('without rules everything is where it says', () => {
  const rules = parseRegistryRules(undefined)
  assert.deepEqual(pullEndpoints(rules, web), [
    { registry: 'docker.io', repository: 'user/web', insecure: false, insecureRanges: [], certificates: [] },
  ])
  assert.equal(pushEndpoint(rules, parseReference('localhost:5000/a/b')).registry, 'localhost:5000')
})

test('docker.io can be another registry, for pull, push, login and search', () => {
  const rules = parseRegistryRules([
    { prefix: 'docker.io', pull: ['127.0.0.1:5000', 'docker.io'], push: '127.0.0.1:5000', search: '127.0.0.1:5000' },
  ])
  assert.deepEqual(
    pullEndpoints(rules, parseReference('nginx')).map(({ registry, repository }) => `${registry}/${repository}`),
    ['127.0.0.1:5000/library/nginx', 'docker.io/library/nginx'],
  )
  assert.equal(pushEndpoint(rules, web).registry, '127.0.0.1:5000')
  assert.equal(loginEndpoint(rules, 'docker.io').registry, '127.0.0.1:5000')
  assert.equal(searchEndpoint(rules, 'docker.io').registry, '127.0.0.1:5000')
  assert.equal(pushEndpoint(rules, parseReference('quay.io/a/b')).registry, 'quay.io')
})

test('the longest prefix counts, at path borders only, and a place may have a path', () => {
  const rules = parseRegistryRules([
    { prefix: 'quay.io', pull: ['cache.example/quay'] },
    { prefix: 'quay.io/team', pull: ['team.example'] },
    { prefix: 'quay.io/evil', blocked: true },
  ])
  const at = (name: string): string =>
    pullEndpoints(rules, parseReference(name))
      .map(({ registry, repository }) => `${registry}/${repository}`)
      .join()
  assert.equal(at('quay.io/a/b'), 'cache.example/quay/a/b')
  assert.equal(at('quay.io/team/b'), 'team.example/b')
  assert.equal(at('quay.io/teams/b'), 'cache.example/quay/teams/b')
  assert.throws(() => at('quay.io/evil/b'), { code: 'forbidden' })
})

test('mirrors of docker.io come before it, and only it', () => {
  const rules = parseRegistryRules(undefined, { mirrors: ['http://10.0.0.1:5000/'], insecure: ['10.2.0.0/16'] })
  const insecureRanges = ['10.2.0.0/16']
  assert.deepEqual(pullEndpoints(rules, web), [
    { registry: '10.0.0.1:5000', repository: 'user/web', insecure: true, insecureRanges, certificates: [] },
    { registry: 'docker.io', repository: 'user/web', insecure: false, insecureRanges, certificates: [] },
  ])
  assert.deepEqual(pullEndpoints(rules, parseReference('10.2.3.4:5000/a')), [
    { registry: '10.2.3.4:5000', repository: 'a', insecure: true, insecureRanges, certificates: [] },
  ])
})

test('what a registry takes is compressed as its rule says', () => {
  const rules = parseRegistryRules([{ prefix: 'quay.io', compression: 'zstd' }])
  assert.equal(pushEndpoint(rules, parseReference('quay.io/a/b')).compression, 'zstd')
  assert.equal(pushEndpoint(rules, web).compression, 'gzip')
})

test('a bad configuration is named', () => {
  assert.throws(
    () => parseRegistryRules([{ prefix: 'a', compression: 'xz' }]),
    /"compression" must be "gzip" or "zstd"/,
  )
  assert.throws(() => parseRegistryRules([{ prefix: 'a', pul: [] }]), /registries\[0\]: unknown key "pul"/)
  assert.throws(() => parseRegistryRules([{ pull: [] }]), /registries\[0\]: "prefix" is missing/)
  assert.throws(() => parseRegistryRules([{ prefix: 'a', blocked: 'yes' }]), /"blocked" must be true or false/)
  assert.throws(() => parseRegistryRules([{ prefix: 'a', push: 'a b' }]), /invalid registry address "a b"/)
})
