import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parseFlags } from '../flags/parse.ts'
import { createBody } from './create-body.ts'
import { createFlags } from './create-flags.ts'

const bodyOf = async (line: string, env: Readonly<Record<string, string>> = {}): Promise<Record<string, unknown>> => {
  const { values, operands } = parseFlags(createFlags, line.split(' '), { interspersed: false })
  const [image = '', ...command] = operands
  return (await createBody(values, image, command, env)) as unknown as Record<string, unknown>
}

const plain = {
  AttachStdin: false,
  AttachStdout: true,
  AttachStderr: true,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Image: 'img',
}
const plainHost = {
  NetworkMode: 'default',
  RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
  LogConfig: {},
  AutoRemove: false,
}

/** What differs from the plain body: of the container, and of its host. Checked once against the bodies docker sends. */
const rows: readonly (readonly [line: string, config: object, host: object])[] = [
  ['img', {}, {}],
  ['img -x --rm y', { Cmd: ['-x', '--rm', 'y'] }, {}],
  ['-it img', { AttachStdin: true, Tty: true, OpenStdin: true, StdinOnce: true }, {}],
  ['-a stdout -i img', { AttachStderr: false, OpenStdin: true }, {}],
  [
    '-p 8080:80 -p 53/udp img',
    { ExposedPorts: { '80/tcp': {}, '53/udp': {} } },
    { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }], '53/udp': [{ HostIp: '', HostPort: '' }] } },
  ],
  ['-P --expose 80 img', { ExposedPorts: { '80/tcp': {} } }, { PublishAllPorts: true }],
  ['-u 1:2 -w /x -h h --domainname d img', { User: '1:2', WorkingDir: '/x', Hostname: 'h', Domainname: 'd' }, {}],
  ['-v /a:/b:ro -v /anon img', { Volumes: { '/anon': {} } }, { Binds: ['/a:/b:ro'] }],
  ['--tmpfs /run --tmpfs /x:size=1m img', {}, { Tmpfs: { '/run': '', '/x': 'size=1m' } }],
  ['--entrypoint= img', { Entrypoint: [''] }, {}],
  ['-l a=b -l c img', { Labels: { a: 'b', c: '' } }, {}],
  ['--restart on-failure:3 img', {}, { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } }],
  ['--rm img', {}, { AutoRemove: true }],
  [
    '--cap-add net_admin --cap-drop all --privileged --read-only --init img',
    {},
    { CapAdd: ['CAP_NET_ADMIN'], CapDrop: ['ALL'], Privileged: true, ReadonlyRootfs: true, Init: true },
  ],
  [
    '-m 512m --memory-swap -1 --cpus 1.5 --cpu-shares 5 --pids-limit 10 img',
    {},
    { Memory: 512 * 1024 ** 2, MemorySwap: -1, NanoCpus: 1.5e9, CpuShares: 5, PidsLimit: 10 },
  ],
  [
    '--ulimit nofile=1:2 --ulimit core=-1 img',
    {},
    {
      Ulimits: [
        { Name: 'nofile', Soft: 1, Hard: 2 },
        { Name: 'core', Soft: -1, Hard: -1 },
      ],
    },
  ],
  [
    '--security-opt no-new-privileges --security-opt systempaths=unconfined img',
    {},
    { SecurityOpt: ['no-new-privileges'], MaskedPaths: [], ReadonlyPaths: [] },
  ],
  [
    '--add-host a=::1 --dns 1.1.1.1 --dns-opt x img',
    {},
    { ExtraHosts: ['a:::1'], Dns: ['1.1.1.1'], DnsOptions: ['x'] },
  ],
  [
    '--device /dev/a:/dev/b:r --device /dev/c img',
    {},
    {
      Devices: [
        { PathOnHost: '/dev/a', PathInContainer: '/dev/b', CgroupPermissions: 'r' },
        { PathOnHost: '/dev/c', PathInContainer: '/dev/c', CgroupPermissions: 'rwm' },
      ],
    },
  ],
  [
    '--gpus all img',
    {},
    { DeviceRequests: [{ Driver: '', Count: -1, DeviceIDs: null, Capabilities: [['gpu']], Options: {} }] },
  ],
  [
    '--health-cmd true --health-interval 5s --health-retries 2 img',
    { Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 5e9, Retries: 2 } },
    {},
  ],
  ['--no-healthcheck img', { Healthcheck: { Test: ['NONE'] } }, {}],
  ['--log-driver local --log-opt max-size=1m img', {}, { LogConfig: { Type: 'local', Config: { 'max-size': '1m' } } }],
  ['--stop-signal SIGINT --stop-timeout 0 img', { StopSignal: 'SIGINT', StopTimeout: 0 }, {}],
  ['--net host img', {}, { NetworkMode: 'host' }],
]

test('createBody() says of each flag what the API says of it', async () => {
  for (const [line, config, host] of rows) {
    assert.deepEqual(
      await bodyOf(line),
      { ...plain, ...config, HostConfig: { ...plainHost, ...host }, NetworkingConfig: { EndpointsConfig: {} } },
      line,
    )
  }
})

test('createBody() gives each network its endpoint, and the flags beside it to the first', async () => {
  const { NetworkingConfig, HostConfig } = await bodyOf('--network name=a,alias=x --network b --ip 10.0.0.9 img')
  assert.deepEqual(NetworkingConfig, {
    EndpointsConfig: { a: { Aliases: ['x'], IPAMConfig: { IPv4Address: '10.0.0.9' } }, b: {} },
  })
  assert.equal((HostConfig as { NetworkMode: string }).NetworkMode, 'a')
})

const makeFiles = async (t: TestContext, files: Readonly<Record<string, string>>): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-cli-'))
  t.after(() => rm(directory, { recursive: true }))
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content)
  return directory
}

test('environment comes from files first, and names without values from ours', async (t) => {
  const directory = await makeFiles(t, { env: '\ufeff# comment\nA=1\n  B=x y\nHOME\nGONE\n', labels: 'l=1\n#no\nm\n' })
  const line = `--env-file ${directory}/env -e C=3 -e HOME -e GONE --label-file ${directory}/labels -l n=2 img`
  const { Env, Labels } = await bodyOf(line, { HOME: '/root' })
  assert.deepEqual(Env, ['A=1', 'B=x y', 'HOME=/root', 'C=3', 'HOME=/root', 'GONE'])
  assert.deepEqual(Labels, { l: '1', n: '2' })
})

test('a seccomp profile travels as its text', async (t) => {
  const directory = await makeFiles(t, { 'p.json': '{\n "defaultAction": "SCMP_ACT_ALLOW" }', bad: '{' })
  const { HostConfig } = await bodyOf(`--security-opt seccomp=${directory}/p.json img`)
  assert.deepEqual((HostConfig as { SecurityOpt: unknown }).SecurityOpt, ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}'])
  await assert.rejects(bodyOf(`--security-opt seccomp=${directory}/bad img`), /compacting json for seccomp profile/)
})

const mistakes: readonly (readonly [line: string, message: RegExp])[] = [
  ['--link a:b:c img', /^bad format for links: a:b:c$/],
  ['--rm --restart always img', /^conflicting options: cannot specify both --restart and --rm$/],
  ['--memory-swappiness 200 img', /^invalid value: 200. Valid memory swappiness range is 0-100$/],
  ['--no-healthcheck --health-cmd x img', /^--no-healthcheck conflicts with --health-\* options$/],
  ['--device foo img', /^foo is not an absolute path$/],
  ['--restart on-failure:x img', /^invalid restart policy format: maximum retry count must be an integer$/],
  ['--env-file /none/such img', /^open \/none\/such: no such file or directory$/],
]

test('createBody() refuses what can not go together', async () => {
  for (const [line, message] of mistakes) await assert.rejects(bodyOf(line), { message, exitCode: 125 }, line)
})
