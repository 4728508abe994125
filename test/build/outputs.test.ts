import assert from 'node:assert/strict'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { digestOf, type Index, type Manifest, mediaTypes } from '@slipway/core'
import { Client } from '../harness/client.ts'
import { TestEngine } from '../harness/engine.ts'
import { TestRegistry } from '../harness/registry.ts'
import { run } from '../harness/run.ts'
import { openScratch } from '../harness/scratch.ts'
import { Builder } from './builder.ts'

type Build = (...words: readonly string[]) => Promise<unknown>

/** A layout on the disk, and what its first name leads to. Every blob is checked. */
const readLayout = async (root: string) => {
  const index = JSON.parse(await readFile(join(root, 'index.json'), 'utf8')) as Index
  const [top] = index.manifests
  assert.ok(top)
  const blobs = join(root, 'blobs/sha256')
  for (const name of await readdir(blobs)) assert.equal(digestOf(await readFile(join(blobs, name))), `sha256:${name}`)
  const read = (digest: string): Promise<Buffer> => readFile(join(root, 'blobs', digest.replace(':', '/')))
  const manifest = JSON.parse((await read(top.digest)).toString()) as Manifest
  const config = JSON.parse((await read(manifest.config.digest)).toString())
  return { index, top, manifest, config, read }
}

const readArchive = async (path: string) => {
  const root = `${path}.d`
  await mkdir(root)
  assert.equal((await run('tar', ['xf', path, '-C', root])).code, 0)
  return { ...(await readLayout(root)), files: (await readdir(root)).sort() }
}

const opened = { tar: (bytes: Buffer) => bytes, gzip: gunzipSync, zstd: zstdDecompressSync } as const
type Ending = keyof typeof opened

const docker = 'application/vnd.docker.image.rootfs.diff'
const oci = 'application/vnd.oci.image.layer.v1'

const forms: readonly { asked: string; layer: string; ending: Ending; manifest: string; files: readonly string[] }[] = [
  { asked: 'type=oci', layer: `${oci}.tar+gzip`, ending: 'gzip', manifest: mediaTypes.ociManifest, files: [] },
  {
    asked: 'type=docker',
    layer: `${docker}.tar.gzip`,
    ending: 'gzip',
    manifest: mediaTypes.dockerManifest,
    files: ['manifest.json', 'repositories'],
  },
  {
    asked: 'type=oci,compression=zstd,force-compression=true',
    layer: `${oci}.tar+zstd`,
    ending: 'zstd',
    manifest: mediaTypes.ociManifest,
    files: [],
  },
  {
    asked: 'type=oci,compression=uncompressed,force-compression=true',
    layer: `${oci}.tar`,
    ending: 'tar',
    manifest: mediaTypes.ociManifest,
    files: [],
  },
  {
    asked: 'type=docker,compression=zstd,force-compression=1,compression-level=7',
    layer: `${docker}.tar.zstd`,
    ending: 'zstd',
    manifest: mediaTypes.dockerManifest,
    files: ['manifest.json', 'repositories'],
  },
  {
    asked: 'type=docker,oci-mediatypes=true',
    layer: `${oci}.tar+gzip`,
    ending: 'gzip',
    manifest: mediaTypes.ociManifest,
    files: ['manifest.json', 'repositories'],
  },
]

const dockerfile = 'FROM busybox\nCOPY a /a\nRUN --network=none cat /a /a >/b\nLABEL a=b\n'

test('images leave the builder in the form that is asked for', async (t: TestContext) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const builder = await Builder.open(scratch, engine)
  const slipway = new Client('slipway', engine.host, join(scratch.path, 'own'), { DOCKER_BUILDKIT: '1' })
  const root = await builder.context({ Dockerfile: dockerfile, a: 'hello\n'.repeat(10_000) })
  const doors: Readonly<Record<string, Build>> = {
    buildx: (...words) => builder.build(...words, root),
    slipway: (...words) => slipway.ok(['build', ...words, root]),
  }

  for (const [door, build] of Object.entries(doors)) {
    await t.test(`archives, through ${door}: compressed as asked, with the media types of their kind`, async () => {
      for (const [place, { asked, layer, ending, manifest, files }] of forms.entries()) {
        const path = join(scratch.path, `${door}-${place}.tar`)
        const metadata = `${path}.json`
        await build('-t', 'away:1', '-o', `${asked},dest=${path}`, '--metadata-file', metadata)
        const found = await readArchive(path)
        assert.deepEqual(found.files, ['blobs', 'index.json', ...files, 'oci-layout'].sort(), asked)
        assert.equal(found.top.mediaType, manifest, asked)
        assert.deepEqual(found.top.platform, { os: 'linux', architecture: found.config.architecture })
        assert.equal(found.top.annotations?.['io.containerd.image.name'], 'docker.io/library/away:1')
        assert.equal(found.top.annotations?.['org.opencontainers.image.ref.name'], '1')
        for (const [index, { mediaType, digest }] of found.manifest.layers.entries()) {
          assert.equal(mediaType, layer, asked)
          const tar = opened[ending](await found.read(digest))
          assert.equal(digestOf(tar), found.config.rootfs.diff_ids[index], asked)
        }
        const told = JSON.parse(await readFile(metadata, 'utf8'))
        assert.equal(told['containerimage.digest'], found.top.digest)
        assert.equal(told['containerimage.descriptor'].digest, found.top.digest)
        assert.equal(told['containerimage.config.digest'], found.manifest.config.digest)
        assert.equal(told['image.name'], 'docker.io/library/away:1')
        await builder.ok(['load', '-i', path])
        const id = (await builder.ok(['images', '-q', '--no-trunc', 'away'])).trim()
        assert.equal(id, found.manifest.config.digest, asked)
        await builder.ok(['rmi', '-f', 'away:1'])
      }
    })

    await t.test(`a layout, through ${door}: what it names already stays`, async () => {
      const path = join(scratch.path, `${door}-layout`)
      await build('-t', 'one:1', '-t', 'two:2', '-o', `type=oci,tar=false,dest=${path}`)
      const { manifest } = await readLayout(path)
      assert.equal(manifest.mediaType, mediaTypes.ociManifest)
      await build('-t', 'two:2', '-o', `type=oci,tar=false,dest=${path},annotation.a=b`)
      const { index, read } = await readLayout(path)
      const named = index.manifests.map(({ annotations }) => annotations?.['io.containerd.image.name'])
      assert.deepEqual(named, ['docker.io/library/one:1', 'docker.io/library/two:2'])
      const annotated = JSON.parse((await read(index.manifests[1]?.digest ?? '')).toString())
      assert.deepEqual(annotated.annotations, { a: 'b' })
    })
  }

  await t.test('an archive on standard output is the one in the file', async () => {
    const path = join(scratch.path, 'file.tar')
    await builder.build('-o', `type=oci,dest=${path}`, root)
    const { stdout } = await slipway.run(['build', '-o', 'type=oci,dest=-', root])
    assert.equal(digestOf(stdout), digestOf(await readFile(path, 'utf8')))
  })

  await t.test('annotations stand where they were put; an index to put them on there is none', async () => {
    const path = join(scratch.path, 'annotated.tar')
    const attrs = ['annotation.a=1', 'annotation-manifest[linux/other].b=2', 'annotation-manifest-descriptor.c=3']
    await builder.build('-o', `type=oci,dest=${path},${attrs.join()}`, root)
    const { manifest, top } = await readArchive(path)
    assert.deepEqual(manifest.annotations, { a: '1' })
    assert.equal(top.annotations?.['c'], '3')
    const refused = await builder.fails('-o', `type=oci,dest=${path},annotation-index.a=1`, root)
    assert.match(refused, /ERROR: index annotations not supported for single platform export/)
  })

  await t.test('what can’t be read is refused in BuildKit’s words, before anything is built', async () => {
    const failing = await builder.context({ Dockerfile: 'FROM busybox\nRUN exit 1\n' })
    const parsing = (text: string, name = 'ParseBool'): string => `strconv.${name}: parsing "${text}": invalid syntax`
    const rows: readonly (readonly [string, string])[] = [
      ['type=oci,dest=OUT,compression=nope', 'unsupported compression type nope'],
      ['type=oci,dest=OUT,compression=estargz', 'compression estargz is not supported'],
      [
        'type=oci,dest=OUT,compression-level=foo',
        `non-integer value foo specified for compression-level: ${parsing('foo', 'ParseInt')}`,
      ],
      ['type=oci,dest=OUT,compression-level=10', 'gzip: invalid compression level: 10'],
      ['type=oci,dest=OUT,oci-mediatypes=foo', `non-bool value specified for oci-mediatypes: ${parsing('foo')}`],
      [
        'type=oci,dest=OUT,force-compression=foo',
        `non-bool value foo specified for force-compression: ${parsing('foo')}`,
      ],
      ['type=docker,dest=OUT,annotation-foo.a=b', 'unrecognized annotation type foo'],
      ['type=image,store=foo', `non-bool value specified for store: ${parsing('foo')}`],
      ['type=image,push=foo', `non-bool value specified for push: ${parsing('foo')}`],
      ['type=image,name=UPPER', 'invalid reference format: repository name (library/UPPER) must be lowercase'],
    ]
    for (const [asked, why] of rows) {
      const said = await builder.fails('-o', asked.replace('OUT', join(scratch.path, 'refused.tar')), failing)
      assert.equal(said.trimEnd().split('\n').at(-1), `ERROR: failed to build: failed to solve: ${why}`)
    }
  })

  await t.test('a push takes the form, too; without a tag, and without leaving anything here', async () => {
    await using registry = await TestRegistry.start(scratch)
    await registry.addUser('anna', 'pass word')
    await builder.ok(['login', '-u', 'anna', '-p', 'pass word', registry.address])
    const name = `${registry.address}/anna/app`
    const fetched = async (from: string) => {
      await builder.ok(['pull', from])
      const token = await builder.ok(['manifest', 'inspect', '--insecure', from])
      return JSON.parse(token) as Manifest
    }
    const attrs = 'push=true,compression=zstd,force-compression=true,oci-mediatypes=true,annotation.a=b'
    await builder.build('-o', `type=image,name=${name}:1,${attrs}`, root)
    const { layers, annotations, mediaType } = await fetched(`${name}:1`)
    assert.deepEqual([...new Set(layers.map((layer) => layer.mediaType))], [mediaTypes.ociLayerZstd])
    assert.deepEqual([annotations, mediaType], [{ a: 'b' }, mediaTypes.ociManifest])
    const metadata = join(scratch.path, 'pushed.json')
    await builder.ok(['rmi', '-f', `${name}:1`])
    const silent = 'push=true,push-by-digest=true,name-canonical=true,store=false'
    // Through the docker driver, buildx itself refuses this.
    await slipway.ok(['login', '-u', 'anna', '-p', 'pass word', registry.address])
    await slipway.ok(['build', '-o', `type=image,name=${name},${silent}`, '--metadata-file', metadata, root])
    assert.equal((await builder.ok(['images', '-q', name])).trim(), '')
    const told = JSON.parse(await readFile(metadata, 'utf8'))
    const digest = told['containerimage.digest']
    await builder.ok(['pull', `${name}@${digest}`])
    assert.equal(told['containerimage.descriptor'].digest, digest)
    const untagged = await builder.run(['pull', `${name}:latest`])
    assert.match(untagged.stderr, /not found|unknown/)
  })
})
