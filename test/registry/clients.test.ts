import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Peers } from '../harness/peers.ts'
import { TestRegistry } from '../harness/registry.ts'
import { RegistryClients } from '../harness/registry-clients.ts'
import { openScratch } from '../harness/scratch.ts'

/** The clients, and a registry that shows nobody anything without a password. */
interface Harbour {
  readonly clients: RegistryClients
  readonly peers: Peers
  readonly host: string
}

const [user, password] = ['james', 'secret']

const sha256 = /sha256:[0-9a-f]{64}/

/** An image of one file, made and pushed by crane. Returns its digest. */
const pushWithCrane = async ({ clients, host }: Harbour, name: string): Promise<string> => {
  await clients.write('layer.tar', tarOf('hello.txt', 'hello\n'))
  const pushed = await clients.ok('crane', 'append', '--insecure', '-f', 'layer.tar', '-t', `${host}/${name}`)
  return sha256.exec(pushed)?.[0] ?? ''
}

/** A tar of one file. */
const tarOf = (name: string, text: string): Buffer => {
  const header = Buffer.alloc(512)
  header.write(name)
  header.write('0000644\0', 100)
  header.write('0000000\0'.repeat(2), 108)
  header.write(`${text.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0        0', 136)
  header.write('ustar\x0000', 257)
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  )
  return Buffer.concat([header, Buffer.from(text.padEnd(512, '\0')), Buffer.alloc(1024)])
}

const withOras = async (t: TestContext, harbour: Harbour): Promise<void> => {
  const { clients, host } = harbour
  await t.test(
    'oras pushes an artifact, attaches to it, discovers, copies it with its referrers, and deletes',
    async () => {
      const login = ['login', '--plain-http', '-u', user, '--password-stdin', host]
      assert.notEqual((await clients.run('oras', login, 'wrong')).code, 0)
      assert.equal((await clients.run('oras', login, password)).code, 0)
      const [one, two] = [`${host}/art/one:v1`, `${host}/art/two:v1`]
      await clients.write('a.txt', 'of oras\n')
      await clients.write('bill.json', '{"parts":[]}')
      await clients.ok('oras', 'push', '--plain-http', one, 'a.txt:text/plain')
      const type = 'application/vnd.example.bill'
      await clients.ok('oras', 'attach', '--plain-http', '--artifact-type', type, one, 'bill.json:application/json')
      await clients.ok('oras', 'cp', '-r', '--from-plain-http', '--to-plain-http', one, two)
      for (const name of [one, two]) {
        const found = await clients.ok('oras', 'discover', '--plain-http', '--artifact-type', type, name)
        assert.match(found, /vnd\.example\.bill[\s\S]*sha256:/)
      }
      await clients.ok('oras', 'pull', '--plain-http', '-o', 'pulled', two)
      assert.equal(await readFile(join(clients.home, 'pulled/a.txt'), 'utf8'), 'of oras\n')
      assert.match(await clients.ok('oras', 'repo', 'ls', '--plain-http', host), /^art\/one\nart\/two$/m)
      await clients.ok('oras', 'manifest', 'delete', '--plain-http', '-f', two)
      assert.equal(await clients.ok('oras', 'repo', 'tags', '--plain-http', `${host}/art/two`), '')
    },
  )
}

const withCrane = async (t: TestContext, harbour: Harbour): Promise<void> => {
  const { clients, host } = harbour
  await t.test('crane pushes, copies by mounting, tags, lists, validates and deletes', async () => {
    await clients.ok('crane', 'auth', 'login', '-u', user, '-p', password, host)
    const digest = await pushWithCrane(harbour, 'crane/app:v1')
    const copied = await clients.run('crane', ['copy', '--insecure', `${host}/crane/app:v1`, `${host}/crane/copy:v1`])
    assert.match(copied.stderr, /mounted blob/)
    await clients.ok('crane', 'tag', '--insecure', `${host}/crane/copy:v1`, 'v2')
    assert.equal(await clients.ok('crane', 'digest', '--insecure', `${host}/crane/copy:v2`), digest)
    assert.match(await clients.ok('crane', 'validate', '--insecure', '--remote', `${host}/crane/copy:v2`), /^PASS/)
    await clients.ok('crane', 'delete', '--insecure', `${host}/crane/copy:v1`)
    assert.equal(await clients.ok('crane', 'ls', '--insecure', `${host}/crane/copy`), 'v2')
    assert.match(await clients.ok('crane', 'catalog', '--insecure', host), /^crane\/app$/m)
  })
}

const withCosign = async (t: TestContext, harbour: Harbour): Promise<void> => {
  const { clients, host } = harbour
  await t.test('cosign signs an image as its referrer, and verifies it, and no other', async () => {
    const signed = `${host}/signed/app@${await pushWithCrane(harbour, 'signed/app:v1')}`
    await clients.ok('cosign', 'generate-key-pair')
    const flags = ['--key', 'cosign.key', '--tlog-upload=false', '--use-signing-config=false']
    await clients.ok('cosign', 'sign', '--yes', ...flags, '--allow-http-registry', signed)
    const verify = (image: string) =>
      clients.run('cosign', ['verify', '--key', 'cosign.pub', '--insecure-ignore-tlog', '--allow-http-registry', image])
    assert.equal((await verify(signed)).code, 0)
    await clients.write('other.tar', tarOf('other.txt', randomBytes(8).toString('hex')))
    await clients.ok('crane', 'append', '--insecure', '-f', 'other.tar', '-t', `${host}/signed/app:v2`)
    assert.notEqual((await verify(`${host}/signed/app:v2`)).code, 0)
    assert.deepEqual(await clients.ok('crane', 'ls', '--insecure', `${host}/signed/app`), 'v1\nv2')
  })
}

const withDocker = async (t: TestContext, harbour: Harbour): Promise<void> => {
  const { clients, host } = harbour
  await t.test('docker manifest and buildx imagetools read and write lists', async () => {
    const digest = await pushWithCrane(harbour, 'lists/app:v1')
    await clients.ok(
      'crane',
      'mutate',
      '--insecure',
      '--set-platform',
      'linux/arm64',
      '-t',
      `${host}/lists/app:arm`,
      `${host}/lists/app:v1`,
    )
    const inspected = await clients.ok('docker', 'manifest', 'inspect', '--insecure', `${host}/lists/app:v1`)
    assert.equal((JSON.parse(inspected) as { schemaVersion: number }).schemaVersion, 2)
    const parts = ['v1', 'arm'].map((tag) => `${host}/lists/app:${tag}`)
    await clients.ok('docker', 'buildx', 'imagetools', 'create', '-t', `${host}/lists/all:v1`, ...parts)
    assert.ok(
      (await clients.ok('docker', 'buildx', 'imagetools', 'inspect', '--raw', `${host}/lists/all:v1`)).includes(digest),
    )
  })
}

const withContainerd = async (t: TestContext, harbour: Harbour): Promise<void> => {
  const { clients, host } = harbour
  await t.test('containerd pulls, pushes, and is refused with a wrong password', async () => {
    const digest = await pushWithCrane(harbour, 'ctr/app:v1')
    await using containerd = await clients.startContainerd()
    const ctr = (verb: string, ...args: readonly string[]) =>
      clients.run('ctr', ['--address', containerd.address, 'images', verb, ...args])
    const as = (secret: string): readonly string[] => ['--plain-http', '--user', `${user}:${secret}`]
    const pull = ['--local', '--snapshotter', 'native', `${host}/ctr/app:v1`]
    assert.notEqual((await ctr('pull', ...as('wrong'), ...pull)).code, 0)
    const pulled = await ctr('pull', ...as(password), ...pull)
    assert.equal(pulled.code, 0, pulled.stderr)
    await ctr('tag', `${host}/ctr/app:v1`, `${host}/ctr/copy:v2`)
    for (const local of [['--local'], []]) {
      const pushed = await ctr('push', ...local, ...as(password), `${host}/ctr/copy:v2`)
      assert.equal(pushed.code, 0, pushed.stderr)
    }
    assert.equal(await clients.ok('crane', 'digest', '--insecure', `${host}/ctr/copy:v2`), digest)
  })
}

const withPeers = async (t: TestContext, harbour: Harbour): Promise<void> => {
  const { peers, host } = harbour
  const insecure = '--tls-verify=false'
  await t.test('skopeo copies in Docker’s and OCI’s formats, inspects, lists and deletes', async () => {
    await peers.ok('skopeo', 'login', insecure, '-u', user, '-p', password, host)
    await pushWithCrane(harbour, 'skopeo/app:v1')
    const from = ['--src-tls-verify=false', '--dest-tls-verify=false', `docker://${host}/skopeo/app:v1`]
    for (const format of ['oci', 'v2s2']) {
      await peers.ok('skopeo', 'copy', '--format', format, ...from, `docker://${host}/skopeo/${format}:v1`)
    }
    const inspected = JSON.parse(await peers.ok('skopeo', 'inspect', insecure, `docker://${host}/skopeo/oci:v1`))
    assert.deepEqual((inspected as { RepoTags: string[] }).RepoTags, ['v1'])
    assert.match(await peers.ok('skopeo', 'list-tags', insecure, `docker://${host}/skopeo/v2s2`), /"v1"/)
    await peers.ok('skopeo', 'delete', insecure, `docker://${host}/skopeo/v2s2:v1`)
    const gone = await peers.ok('skopeo', 'list-tags', insecure, `docker://${host}/skopeo/v2s2`)
    assert.doesNotMatch(gone, /"v1"/)
  })

  await t.test('buildah pushes zstd:chunked, and podman pulls, tags and pushes', async () => {
    await mkdir(peers.path('files'))
    await writeFile(peers.path('files/hello.txt'), 'of buildah\n')
    await writeFile(peers.path('files/Containerfile'), 'FROM scratch\nCOPY hello.txt /\n')
    await peers.ok('buildah', 'login', insecure, '-u', user, '-p', password, host)
    await peers.ok('buildah', 'build', '-q', '-t', 'built', peers.path('files'))
    const chunked = ['--compression-format', 'zstd:chunked', '--format', 'oci']
    await peers.ok('buildah', 'push', insecure, ...chunked, 'built', `docker://${host}/zstd/app:v1`)
    const manifest = await peers.ok('skopeo', 'inspect', '--raw', insecure, `docker://${host}/zstd/app:v1`)
    assert.match(manifest, /zstd-chunked/)
    await peers.ok('podman', 'rmi', '-a', '-f')
    await peers.ok('podman', 'pull', '-q', insecure, `${host}/zstd/app:v1`)
    await peers.ok('podman', 'tag', `${host}/zstd/app:v1`, `${host}/zstd/copy:v2`)
    await peers.ok('podman', 'push', '-q', insecure, `${host}/zstd/copy:v2`)
    assert.match(await peers.ok('podman', 'search', insecure, `${host}/zstd`), /zstd\/app[\s\S]*zstd\/copy/)
  })
}

const certificate = (name: string): string => join(import.meta.dirname, '../api/certificates', name)

test('clients reach a registry over TLS that they trust, and no other', async () => {
  await using scratch = await openScratch()
  const tls = ['--tls-cert', certificate('server.pem'), '--tls-key', certificate('server.key')]
  await using registry = await TestRegistry.start(scratch, tls)
  await registry.addUser(user, password)
  const [clients, peers] = [await RegistryClients.open(scratch), await Peers.open(scratch)]
  const trusting = ['--ca-file', certificate('ca.pem')]
  const login = ['login', '-u', user, '--password-stdin', registry.address]
  assert.match((await clients.run('oras', login, password)).stderr, /certificate/)
  assert.equal((await clients.run('oras', [...login, ...trusting], password)).code, 0)
  await clients.write('a.txt', 'over TLS')
  await clients.ok('oras', 'push', ...trusting, `${registry.address}/tls/app:v1`, 'a.txt:text/plain')
  await mkdir(peers.path('certs'))
  await copyFile(certificate('ca.pem'), peers.path('certs/ca.crt'))
  const inspect = ['inspect', '--raw', '--cert-dir', peers.path('certs'), `docker://${registry.address}/tls/app:v1`]
  assert.match(await peers.ok('skopeo', ...inspect), /"schemaVersion":2/)
})

test('the clients of the field find what they know in our registry', async (t) => {
  await using scratch = await openScratch()
  await using registry = await TestRegistry.start(scratch, ['--visibility', 'private'])
  await registry.addUser(user, password)
  const [clients, peers] = [await RegistryClients.open(scratch), await Peers.open(scratch)]
  const harbour = { clients, peers, host: registry.address }
  await withOras(t, harbour)
  await withCrane(t, harbour)
  await withCosign(t, harbour)
  await withDocker(t, harbour)
  await withContainerd(t, harbour)
  await withPeers(t, harbour)
})
