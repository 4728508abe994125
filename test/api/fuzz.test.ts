import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TestEngine } from '../harness/engine.ts'
import { isLong } from '../harness/place.ts'
import { openScratch } from '../harness/scratch.ts'

interface Target {
  readonly method: string
  readonly path: string
  /** Names of its query that mean something. */
  readonly query: readonly string[]
  /** A body that it takes, of which single values are replaced. */
  readonly body?: Readonly<Record<string, unknown>>
}

const createBody = {
  Image: 'busybox',
  Cmd: ['true'],
  Entrypoint: null,
  Env: ['A=1'],
  User: '0',
  WorkingDir: '/tmp',
  Labels: { a: 'b' },
  StopSignal: 'SIGTERM',
  StopTimeout: 1,
  ExposedPorts: { '80/tcp': {} },
  Volumes: { '/v': {} },
  Healthcheck: { Test: ['CMD', 'true'], Interval: 0, Retries: 1 },
  HostConfig: {
    Binds: [],
    Memory: 0,
    NanoCpus: 0,
    CpusetCpus: '',
    PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '' }] },
    NetworkMode: 'none',
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
    Mounts: [{ Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1000 } }],
    Tmpfs: { '/u': 'size=1m' },
    Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }],
    Devices: [],
    CapAdd: [],
    SecurityOpt: [],
    Sysctls: {},
    ExtraHosts: [],
    Dns: [],
    Links: [],
    VolumesFrom: [],
    GroupAdd: [],
    IpcMode: '',
    PidMode: '',
    UsernsMode: '',
  },
  NetworkingConfig: { EndpointsConfig: { none: { Aliases: ['x'], IPAMConfig: null } } },
}

const filters = 'filters'
/** Every route that doesn't wait for ever, end the engine, or reach for a registry. */
const targets: readonly Target[] = [
  { method: 'GET', path: '/info', query: [] },
  { method: 'GET', path: '/version', query: [] },
  { method: 'GET', path: '/events', query: ['since', filters] },
  { method: 'GET', path: '/system/df', query: ['type'] },
  { method: 'GET', path: '/containers/json', query: ['all', 'limit', 'size', filters] },
  { method: 'POST', path: '/containers/create', query: ['name', 'platform'], body: createBody },
  { method: 'POST', path: '/containers/prune', query: [filters] },
  { method: 'GET', path: '/containers/{id}/json', query: ['size'] },
  { method: 'GET', path: '/containers/{id}/logs', query: ['stdout', 'stderr', 'since', 'until', 'tail', 'timestamps'] },
  { method: 'GET', path: '/containers/{id}/stats', query: ['one-shot'] },
  { method: 'GET', path: '/containers/{id}/top', query: ['ps_args'] },
  { method: 'GET', path: '/containers/{id}/changes', query: [] },
  { method: 'GET', path: '/containers/{id}/archive', query: ['path'] },
  { method: 'HEAD', path: '/containers/{id}/archive', query: ['path'] },
  { method: 'PUT', path: '/containers/{id}/archive', query: ['path', 'noOverwriteDirNonDir', 'copyUIDGID'] },
  { method: 'POST', path: '/containers/{id}/kill', query: ['signal'] },
  { method: 'POST', path: '/containers/{id}/stop', query: ['t', 'signal'] },
  { method: 'POST', path: '/containers/{id}/pause', query: [] },
  { method: 'POST', path: '/containers/{id}/unpause', query: [] },
  { method: 'POST', path: '/containers/{id}/rename', query: ['name'] },
  { method: 'POST', path: '/containers/{id}/resize', query: ['h', 'w'] },
  { method: 'POST', path: '/containers/{id}/wait', query: ['condition'] },
  {
    method: 'POST',
    path: '/containers/{id}/update',
    query: [],
    body: { Memory: 0, CpuShares: 0, CpusetCpus: '', PidsLimit: 0, RestartPolicy: { Name: 'no' } },
  },
  {
    method: 'POST',
    path: '/containers/{id}/exec',
    query: [],
    body: { Cmd: ['true'], Env: ['A=1'], Tty: false, User: '', WorkingDir: '', DetachKeys: '', ConsoleSize: [1, 2] },
  },
  { method: 'POST', path: '/exec/{id}/start', query: [], body: { Detach: true, Tty: false, ConsoleSize: null } },
  { method: 'GET', path: '/exec/{id}/json', query: [] },
  { method: 'DELETE', path: '/containers/nosuch', query: ['force', 'v', 'link'] },
  { method: 'POST', path: '/commit', query: ['repo', 'tag', 'changes', 'pause'], body: { Cmd: ['a'], Env: ['B=2'] } },
  { method: 'GET', path: '/images/json', query: ['all', 'digests', filters] },
  { method: 'GET', path: '/images/{id}/json', query: [] },
  { method: 'GET', path: '/images/{id}/history', query: [] },
  { method: 'POST', path: '/images/{id}/tag', query: ['repo', 'tag'] },
  { method: 'POST', path: '/images/prune', query: [filters] },
  { method: 'GET', path: '/networks', query: [filters] },
  { method: 'GET', path: '/networks/{id}', query: [] },
  {
    method: 'POST',
    path: '/networks/create',
    query: [],
    body: { Name: '', Driver: 'bridge', IPAM: { Config: [{ Subnet: '10.9.0.0/33' }] }, Options: {}, Labels: {} },
  },
  {
    method: 'POST',
    path: '/networks/{id}/connect',
    query: [],
    body: { Container: 'nosuch', EndpointConfig: { Aliases: ['a'], IPAMConfig: { IPv4Address: '1.2.3.4' } } },
  },
  { method: 'POST', path: '/networks/{id}/disconnect', query: [], body: { Container: 'nosuch', Force: false } },
  { method: 'POST', path: '/networks/prune', query: [filters] },
  { method: 'GET', path: '/volumes', query: [filters] },
  { method: 'GET', path: '/volumes/{id}', query: [] },
  {
    method: 'POST',
    path: '/volumes/create',
    query: [],
    body: { Name: 'v', Driver: 'local', DriverOpts: {}, Labels: {} },
  },
  { method: 'POST', path: '/volumes/prune', query: [filters] },
  {
    method: 'POST',
    path: '/build',
    query: ['dockerfile', 't', 'buildargs', 'labels', 'platform', 'memory', 'networkmode'],
  },
  { method: 'GET', path: '/plugins', query: [filters] },
  { method: 'GET', path: '/swarm', query: [] },
]

const ids = fc.oneof(
  fc.constantFrom('stopped', 'running', 'busybox', 'bridge', 'nosuch', '%', '..', '%00', 'a%2Fb'),
  fc.string(),
)
const queryValue = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '1',
    '-1',
    'true',
    '1e9',
    '99999999999999999999',
    '/',
    '/etc/..',
    '{}',
    '[]',
    'null',
    '{"label":3}',
  ),
  fc.constantFrom(
    '{"status":["running"]}',
    '{"label":{"a":true}}',
    '{"until":["x"]}',
    '{"name":["("]}',
    '{"id":[null]}',
  ),
  fc.string(),
)

/** A body with the value at one random place replaced by any JSON. */
const spoilt = (body: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> =>
  fc.tuple(fc.infiniteStream(fc.nat(1000)), fc.jsonValue({ maxDepth: 2 })).map(([choices, value]) => {
    const replace = (node: unknown): unknown => {
      const keys = typeof node === 'object' && node !== null ? Object.keys(node) : []
      const choice = Number(choices.next().value)
      if (keys.length === 0 || choice % 5 === 0) return value
      const key = keys[choice % keys.length] ?? ''
      if (Array.isArray(node)) return node.map((item, index) => (String(index) === key ? replace(item) : item))
      return { ...(node as object), [key]: replace((node as Readonly<Record<string, unknown>>)[key]) }
    }
    return replace(body)
  })

const bodyOf = ({ method, body }: Target): fc.Arbitrary<string | undefined> =>
  body === undefined
    ? method === 'GET' || method === 'HEAD'
      ? fc.constant(undefined)
      : fc.option(fc.string(), { nil: undefined })
    : fc.oneof(
        { weight: 8, arbitrary: spoilt(body).map((value) => JSON.stringify(value)) },
        { weight: 1, arbitrary: fc.json() },
        { weight: 1, arbitrary: fc.string() },
      )

const request = (target: Target) =>
  fc.record({
    id: ids,
    query: fc.dictionary(target.query.length > 0 ? fc.constantFrom(...target.query) : fc.constant('x'), queryValue),
    body: bodyOf(target),
  })

/** What answers for ever is cut off, and has answered well then. */
const patience = 30_000

const urlOf = ({ path }: Target, id: string, query: Readonly<Record<string, string>>): string => {
  const end = String(Math.floor(Date.now() / 1000))
  const more = path === '/events' ? { until: end } : path.endsWith('/stats') ? { stream: '0' } : {}
  // Characters that no URL holds would not leave the client.
  const segment = /^[\w%.~-]+$/.test(id) ? id : encodeURIComponent(id)
  return `/v1.51${path.replace('{id}', segment || 'x')}?${new URLSearchParams({ ...query, ...more })}`
}

test('no request makes the engine fail or hang', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const docker = engine.client()
  await docker.ok(['create', '--name', 'stopped', 'busybox', 'true'])
  await docker.ok(['run', '-d', '--name', 'running', '--network', 'none', 'busybox', 'sleep', '1000'])

  for (const target of targets) {
    await t.test(`${target.method} ${target.path}`, async () => {
      const property = fc.asyncProperty(request(target), async ({ id, query, body }) => {
        // A wait ends when its container does, which the running one never may.
        const whom = target.path.endsWith('/wait') && id === 'running' ? 'stopped' : id
        const answer = await engine.ask(urlOf(target, whom, query), {
          method: target.method,
          signal: AbortSignal.timeout(patience),
          ...(body === undefined ? {} : { body }),
        })
        assert.ok(
          answer.status < 500 || answer.status === 501 || answer.status === 503,
          `${answer.status} ${answer.message}`,
        )
      })
      await fc.assert(property, { numRuns: isLong ? 500 : 25 })
    })
  }
  assert.equal((await engine.ask('/_ping')).text, 'OK')
})
