import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFlags } from '../flags/parse.ts'
import { buildFlags } from './flags.ts'
import { entitlementsOf, frontendOptions } from './options.ts'

const options = (words: string, env = {}) =>
  Object.fromEntries(frontendOptions(parseFlags(buildFlags, words.split(' ').filter(Boolean)).values, env))

test('flags become the frontend’s options', () => {
  assert.deepEqual(options(''), { 'image-resolve-mode': 'local' })
  assert.deepEqual(
    options(
      '--pull --target t --platform linux/amd64 --no-cache --shm-size 1m --ulimit nofile=1:2 --network none --cgroup-parent /x',
    ),
    {
      'image-resolve-mode': 'pull',
      target: 't',
      platform: 'linux/amd64',
      'no-cache': '',
      'shm-size': '1048576',
      ulimit: 'nofile=1:2',
      'force-network-mode': 'none',
      'cgroup-parent': '/x',
    },
  )
  assert.equal(options('--no-cache-filter a,b --no-cache-filter c')['no-cache'], 'a,b,c')
  assert.equal(options('--network default')['force-network-mode'], undefined)
})

test('arguments and labels; a name alone takes the value it has here, and one that is not set is not told', () => {
  const env = { SET: 'here', SOURCE_DATE_EPOCH: '1' }
  assert.deepEqual(options('--build-arg A=b=c --build-arg SET --build-arg UNSET --label l=m=n --label bare', env), {
    'image-resolve-mode': 'local',
    'build-arg:SOURCE_DATE_EPOCH': '1',
    'build-arg:A': 'b=c',
    'build-arg:SET': 'here',
    'label:l': 'm=n',
    'label:bare': '',
  })
})

test('hosts with colons and equals signs', () => {
  assert.equal(
    options('--add-host a:1.2.3.4 --add-host b=[::1] --add-host c:::1 --add-host d:host-gateway')['add-hosts'],
    'a=1.2.3.4,b=::1,c=::1,d=host-gateway',
  )
  assert.throws(() => options('--add-host foo'), { message: 'ERROR: failed to build: invalid host foo' })
})

test('networks and entitlements that are none', () => {
  assert.throws(() => options('--network foo'), /network mode "foo" not supported by buildkit/)
  assert.throws(() => entitlementsOf(['foo'], undefined), {
    message: 'ERROR: failed to build: unknown entitlement foo',
  })
  assert.deepEqual(entitlementsOf(['security.insecure'], 'host'), ['security.insecure', 'network.host'])
})
