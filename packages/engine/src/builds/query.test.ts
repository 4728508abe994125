import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeRegistryAuth } from '@slipway/client'
import { readLogins } from './logins.ts'
import { parseBuildQuery } from './query.ts'

const parse = (text: string) => parseBuildQuery(new URLSearchParams(text))

test('a query without anything has docker’s defaults', () => {
  assert.deepEqual(parse(''), {
    dockerfile: 'Dockerfile',
    tags: [],
    buildArgs: {},
    labels: {},
    noCache: false,
    pull: false,
    quiet: false,
    remove: true,
    forceRemove: false,
    networkMode: 'default',
    extraHosts: [],
    resources: {},
    limits: {},
  })
})

test('what docker build sends is understood', () => {
  const query = new URLSearchParams({
    dockerfile: 'deep/Dockerfile',
    buildargs: JSON.stringify({ A: '1', B: null }),
    labels: JSON.stringify({ x: 'y' }),
    nocache: '1',
    pull: 'true',
    q: '0',
    rm: '0',
    target: 'build',
    forcerm: '1',
    networkmode: 'host',
    platform: 'linux/arm64/v8',
    shmsize: '1048576',
    memory: '67108864',
    memswap: '-1',
    cpusetcpus: '0-1',
    version: '1',
    ulimits: '[{"Name":"nofile","Hard":20,"Soft":10}]',
    cgroupparent: '/below',
    remote: 'https://example.org/x.git',
    cachefrom: '[]',
  })
  for (const tag of ['user/web', 'user/web:v1', 'user/web:latest']) query.append('t', tag)
  for (const host of ['a:10.0.0.1', 'b:10.0.0.2']) query.append('extrahosts', host)
  assert.deepEqual(parseBuildQuery(query), {
    dockerfile: 'deep/Dockerfile',
    tags: ['user/web:latest', 'user/web:v1'],
    target: 'build',
    buildArgs: { A: '1', B: null },
    labels: { x: 'y' },
    noCache: true,
    pull: true,
    quiet: false,
    remove: false,
    forceRemove: true,
    networkMode: 'host',
    extraHosts: ['a:10.0.0.1', 'b:10.0.0.2'],
    platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
    shmSize: 1048576,
    resources: { memory: 67108864, memorySwap: -1, cpusetCpus: '0-1' },
    limits: { rlimits: [{ name: 'nofile', soft: 10, hard: 20 }], cgroupParent: '/below' },
    remote: 'https://example.org/x.git',
  })
})

test('a network that somebody made is named as such', () => {
  assert.equal(parse('networkmode=constructor').networkMode, 'network:constructor')
})

const mistakes: readonly (readonly [query: string, message: RegExp])[] = [
  ['t=UPPER', /must be lowercase/],
  [`t=a@sha256:${'0'.repeat(64)}`, /build tag cannot contain a digest/],
  ['buildargs={', /error reading buildargs: invalid JSON/],
  ['buildargs=["a"]', /error reading buildargs/],
  ['labels={"a":1}', /error reading labels/],
  ['memory=much', /invalid value for memory: "much"/],
  ['platform=a/b/c/d', /failed to parse platform/],
  ['networkmode=container:web', /network mode container:web is not supported/],
  ['isolation=hyperv', /unsupported isolation: "hyperv"/],
  ['securityopt=["seccomp=unconfined"]', /security options are not supported on linux/],
  ['version=2', /BuildKit/],
  ['ulimits=[{"Name":"nofile","Soft":"1","Hard":2}]', /error reading ulimits: invalid JSON/],
]

test('what can not be understood is refused before anything begins', () => {
  for (const [query, message] of mistakes) assert.throws(() => parse(query), { message }, query)
})

test('X-Registry-Config gives a login for each registry, and garbage gives none', async () => {
  const header = encodeRegistryAuth({
    'https://index.docker.io/v1/': { username: 'jane', password: 'p' },
    'registry.example.org': { identitytoken: 't' },
    empty: {},
  })
  const { signal } = new AbortController()
  const logins = readLogins(header)
  assert.deepEqual(await logins('docker.io', signal), { username: 'jane', password: 'p' })
  assert.deepEqual(await logins('registry.example.org', signal), { identityToken: 't' })
  assert.equal(await logins('empty', signal), undefined)
  for (const garbage of [undefined, '', 'x', encodeRegistryAuth({ a: 5 } as never)])
    assert.equal(await readLogins(garbage)('docker.io', signal), undefined)
})
