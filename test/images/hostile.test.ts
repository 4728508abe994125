import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { hostPlatform } from '@slipway/core'
import { TestEngine } from '../harness/engine.ts'
import { eventually } from '../harness/patience.ts'
import { isLong } from '../harness/place.ts'
import { openScratch } from '../harness/scratch.ts'
import { makeTar, type TarPart } from '../harness/tar.ts'
import { type Content, digestOf, openLyingRegistry } from './lying-registry.ts'
import { configOf, descriptorOf, dockerArchiveOf, imageOf, jsonOf, layoutOf, ociTypes } from './parts.ts'

const up = '../'.repeat(20)
const deep = (depth: number): string => `${'a/'.repeat(depth)}file`

/** Layers that want to get out, or to break something. `outside` is a directory with a file `canary`. */
const hostileLayers = (outside: string): Readonly<Record<string, readonly TarPart[]>> => ({
  'a name that goes up': [{ name: `${up}${outside.slice(1)}/x`, body: 'x' }],
  'an absolute name': [{ name: `${outside}/x`, body: 'x' }],
  'through a symlink': [
    { name: 'link', linkTo: outside },
    { name: 'link/x', body: 'x' },
  ],
  'through two symlinks': [
    { name: 'one', linkTo: '/' },
    { name: 'two', linkTo: `one${outside}` },
    { name: 'two/x', body: 'x' },
  ],
  'a directory that becomes a symlink': [
    { name: 'dir/' },
    { name: 'dir', linkTo: outside },
    { name: 'dir/x', body: 'x' },
  ],
  'a symlink that is written over': [
    { name: 'canary', linkTo: `${outside}/canary` },
    { name: 'canary', body: 'overwritten' },
  ],
  'a hard link to what is outside': [
    { name: 'stolen', hardLinkTo: `${outside}/canary` },
    { name: 'stolen', body: 'overwritten' },
  ],
  'a hard link through a symlink': [
    { name: 'link', linkTo: outside },
    { name: 'stolen', hardLinkTo: 'link/canary' },
  ],
  'a whiteout of what is above': [{ name: '.wh...' }, { name: 'a/' }, { name: 'a/.wh...' }],
  'a whiteout through a symlink': [{ name: 'link', linkTo: outside }, { name: 'link/.wh.canary' }],
  'an opaque marker through a symlink': [{ name: 'link', linkTo: outside }, { name: 'link/.wh..wh..opq' }],
  'a file in a file': [
    { name: 'file', body: 'x' },
    { name: 'file/x', body: 'x' },
  ],
  'the root as a file': [{ name: './', type: '0', body: 'x' }],
  'a name too long for any file system': [{ name: 'x'.repeat(100), type: 'L', body: 'y'.repeat(5000) }],
  'a size of exabytes': [{ name: 'huge', body: 'x', claimedSize: 2 ** 60 }],
  'a size that the tar does not have': [{ name: 'huge', body: 'x', claimedSize: 1 << 30 }],
  'an extended header of a gigabyte': [{ name: 'pax', type: 'x', body: 'x', claimedSize: 1 << 30 }],
  'a record of no length': [{ name: 'pax', type: 'x', body: '0 path=x\n' }, { name: 'file' }],
  'an unknown type': [{ name: 'odd', type: 'Z', body: 'x' }],
})

/** Layers that are odd, and yet what they say can be done. */
const oddLayers: Readonly<Record<string, readonly TarPart[]>> = {
  'a name that comes twice, a directory among them': [
    { name: 'x', body: 'one' },
    { name: 'x/' },
    { name: 'x/y', body: 'y' },
    { name: 'x', body: 'two' },
  ],
  'no UTF-8': [{ name: Buffer.from([0x66, 0xff, 0xfe]), body: 'x' }],
  'a directory for each of 45 letters': [{ name: deep(45), body: 'x' }],
  'device nodes and a FIFO': [
    { name: 'null', type: '3', device: [1, 3] },
    { name: 'disk', type: '4', device: [8, 0] },
    { name: 'fifo', type: '6' },
  ],
  'names with dots and slashes': [{ name: './/a/./b/../c', body: 'x' }],
  'a symlink to itself': [{ name: 'self', linkTo: 'self' }],
}

const sane = makeTar([{ name: 'file', body: 'sane' }])

const badArchives = (): Readonly<Record<string, Uint8Array>> => {
  const image = imageOf(sane)
  const { config, layer, manifest } = image
  const lie = { name: `blobs/sha256/${digestOf(layer).slice(7)}`, body: 'a lie' }
  const nested = Array.from({ length: 60 }).reduce<readonly Buffer[]>(
    (blobs) => [
      ...blobs,
      jsonOf({
        schemaVersion: 2,
        mediaType: ociTypes.index,
        manifests: [descriptorOf(blobs.length === 1 ? ociTypes.manifest : ociTypes.index, blobs.at(-1) ?? manifest)],
      }),
    ],
    [manifest],
  )
  const stack = jsonOf({ ...JSON.parse(config.toString()), rootfs: { type: 'layers', diff_ids: 'all of them' } })
  return {
    nothing: Buffer.alloc(0),
    noise: randomBytes(100_000),
    'half a gzip stream': gzipSync(layoutOf([layer, config, manifest])).subarray(0, 300),
    'half a zstd stream': zstdCompressSync(layoutOf([layer, config, manifest])).subarray(0, 300),
    'half a tar': layoutOf([layer, config, manifest]).subarray(0, 1500),
    'a blob that is not what its name says': layoutOf([config, manifest], [lie]),
    'a blob that is missing': layoutOf([config, manifest]),
    'a layer that is another one': layoutOf([...Object.values(imageOf(sane, configOf(makeTar([]))))]),
    'more layers than the config knows': layoutOf([...Object.values(imageOf(sane, configOf()))]),
    'a config whose layers are no list': layoutOf([...Object.values(imageOf(sane, stack))]),
    'a config that is null': layoutOf([...Object.values(imageOf(sane, Buffer.from('null')))]),
    'an index of indexes of indexes': layoutOf([layer, config, ...nested]),
    'a layer outside of the archive': dockerArchiveOf(configOf(sane), [`${up}etc/passwd`], []),
    'a layer that is a symlink out': dockerArchiveOf(configOf(sane), ['l'], [{ name: 'l', linkTo: '/etc/passwd' }]),
    'a layer that is a symlink to itself': dockerArchiveOf(configOf(sane), ['l'], [{ name: 'l', linkTo: 'l' }]),
    'a layer that is a hard link out': dockerArchiveOf(
      configOf(sane),
      ['l'],
      [{ name: 'l', hardLinkTo: '/etc/passwd' }],
    ),
    'a layer that is a device': dockerArchiveOf(configOf(sane), ['l'], [{ name: 'l', type: '3', device: [1, 5] }]),
    'a manifest that lists nothing it has': dockerArchiveOf(configOf(sane), ['l'], []),
    'a manifest of 64 MB': makeTar([{ name: 'manifest.json', body: Buffer.alloc(64 << 20, ' ') }]),
    'a manifest that claims terabytes': makeTar([{ name: 'manifest.json', body: '[]', claimedSize: 2 ** 42 }]),
  }
}

/** Indexes in one another, the last of which names `manifest`; the outermost comes first. */
const indexesAround = (manifest: Uint8Array, depth: number): readonly Buffer[] => {
  const indexes: Buffer[] = []
  for (let level = 0; level < depth; level += 1) {
    const inner = indexes[0]
    const child = inner ? descriptorOf(ociTypes.index, inner) : descriptorOf(ociTypes.manifest, manifest)
    const platform = { os: 'linux', architecture: hostPlatform().architecture }
    indexes.unshift(jsonOf({ schemaVersion: 2, mediaType: ociTypes.index, manifests: [{ ...child, platform }] }))
  }
  return indexes
}

const served = (bytes: Uint8Array, mediaType: string, name = digestOf(bytes)): Content => ({ name, bytes, mediaType })

/** A layer of `mebibytes` of nothing in some KiB, each time as the end of a tar. */
const bomb = (mebibytes: number, compress: (bytes: Uint8Array) => Buffer): Buffer =>
  Buffer.concat([compress(sane), ...Array.from({ length: mebibytes }, () => compress(Buffer.alloc(1 << 20)))])

/** What is asked for is `name`; the registry has the rest. */
const lies = (): Readonly<Record<string, readonly Content[]>> => {
  const { layer, config, manifest } = imageOf(makeTar([{ name: 'file', body: randomBytes(100_000) }]))
  const whole: readonly Content[] = [
    { name: 'latest', bytes: manifest, mediaType: ociTypes.manifest },
    { name: digestOf(manifest), bytes: manifest, mediaType: ociTypes.manifest },
    { name: digestOf(config), bytes: config },
    { name: digestOf(layer), bytes: layer },
  ]
  const but = (bytes: Uint8Array, answer: NonNullable<Content['answer']>): readonly Content[] =>
    whole.map((content) => (content.bytes === bytes ? { ...content, answer } : content))
  const flipped = Buffer.from(layer)
  flipped.writeUInt8(flipped.readUInt8(50_000) ^ 1, 50_000)
  const indexed = (depth: number, inner: readonly Content[]): readonly Content[] => {
    const indexes = indexesAround(manifest, depth)
    const outer = indexes.map((bytes) => served(bytes, ociTypes.index))
    return [...outer, ...inner, served(indexes[0] ?? manifest, ociTypes.index, 'latest')]
  }
  const wide = jsonOf({
    schemaVersion: 2,
    mediaType: ociTypes.index,
    manifests: Array.from({ length: 5000 }, () => descriptorOf(ociTypes.manifest, manifest)),
  })
  const ofLayer = (bytes: Buffer): readonly Content[] => {
    const { config: its, manifest: plain } = imageOf(sane)
    const own = jsonOf({ ...JSON.parse(plain.toString()), layers: [descriptorOf(ociTypes.layer, bytes)] })
    return [
      served(own, ociTypes.manifest, 'latest'),
      served(own, ociTypes.manifest),
      served(its, ''),
      served(bytes, ''),
    ]
  }
  return {
    'an index in an index in an index, and so on': indexed(8, whole),
    'an index of thousands': [...whole, served(wide, ociTypes.index, 'latest'), served(wide, ociTypes.index)],
    'an index whose manifest is another one': indexed(
      1,
      but(manifest, (response) => response.end(Buffer.from(manifest).fill(' ', 1, 2))),
    ),
    'an index that offers itself in place of its manifest': indexed(
      1,
      but(manifest, (response) => response.end(indexesAround(manifest, 1)[0])),
    ),
    'a gzip bomb': ofLayer(bomb(64, gzipSync)),
    'a zstd bomb': ofLayer(bomb(64, zstdCompressSync)),
    'a layer with one bit changed': but(layer, (response) => response.end(flipped)),
    'a layer shorter than promised': but(layer, (response, bytes) => response.end(bytes.slice(0, 1000))),
    'a layer longer than promised': but(layer, (response, bytes) => response.end(Buffer.concat([bytes, bytes]))),
    'a layer that is a page': but(layer, (response) => response.end('<html>log in, please</html>')),
    'a layer that is nowhere': but(layer, (response) => response.writeHead(302, { Location: '/v2/x/blobs/x' }).end()),
    'a redirect in circles': but(layer, (response) =>
      response.writeHead(307, { Location: `/v2/some/image/blobs/${digestOf(layer)}` }).end(),
    ),
    'a config with one bit changed': but(config, (response, bytes) =>
      response.end(Buffer.from(bytes).toString().replace('linux', 'lynux')),
    ),
    'a manifest of 5 MiB': but(manifest, (response) => response.end(Buffer.alloc(5 << 20, ' '))),
    'a manifest without an end': but(manifest, (response) => {
      const more = (): void =>
        void (response.destroyed || response.write(Buffer.alloc(1 << 16, ' '), () => setImmediate(more)))
      more()
    }),
    'a manifest that is no JSON': but(manifest, (response) => response.end('{')),
    // It is tried again and again, with longer and longer pauses.
    ...(isLong
      ? {
          'a layer that is cut off each time': but(layer, (response, bytes) => {
            response.setHeader('Content-Length', bytes.length)
            response.write(bytes.slice(0, 1000), () => response.destroy())
          }),
        }
      : {}),
  }
}

test('what is hostile is refused, leaves nothing behind, and touches nothing outside', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  const outside = join(scratch.path, 'outside')
  await mkdir(outside)
  await writeFile(join(outside, 'canary'), 'alive')

  /** `undefined` when it was done; else what the engine said. */
  const post = async (path: string, body?: Uint8Array): Promise<string | undefined> => {
    const headers = { 'Content-Type': 'application/x-tar' }
    const { status, message, text } = await engine.ask(path, { method: 'POST', headers, ...(body ? { body } : {}) })
    if (status >= 500) throw new Error(`${status}: ${message}`)
    return status >= 400 || text.includes('"errorDetail"') ? message : undefined
  }
  const load = (body: Uint8Array) => post('/images/load', body)
  const importTar = (body: Uint8Array) => post('/images/create?fromSrc=-&repo=hostile', body)

  const nothingHappened = async (): Promise<void> => {
    assert.deepEqual(await readdir(outside), ['canary'])
    assert.equal(await readFile(join(outside, 'canary'), 'utf8'), 'alive')
    for (const path of ['/x', '/file', '/stolen']) await assert.rejects(access(path), { code: 'ENOENT' })
    const ids = JSON.parse((await engine.ask('/images/json?all=1')).text) as readonly { Id: string }[]
    for (const { Id } of ids) await engine.ask(`/images/${Id}?force=1`, { method: 'DELETE' })
    const { Findings, Blobs } = JSON.parse((await engine.ask('/system/check', { method: 'POST' })).text)
    assert.deepEqual([Findings, Blobs], [[], 0])
    for (const path of ['content/scratch', 'content/ingests', 'snapshots/layers']) {
      await eventually(`${path} is empty`, async () => (await readdir(join(engine.dataRoot, path))).length === 0)
    }
  }

  for (const [what, parts] of Object.entries(hostileLayers(outside))) {
    await t.test(`a layer: ${what}`, async () => {
      const tar = makeTar(parts)
      // What can be done within the root may be done.
      await importTar(tar)
      await nothingHappened()
      await load(layoutOf([...Object.values(imageOf(tar))]))
      await nothingHappened()
    })
  }

  for (const [what, parts] of Object.entries(oddLayers)) {
    await t.test(`a layer, odd but no harm: ${what}`, async () => {
      const tar = makeTar(parts)
      assert.equal(await importTar(tar), undefined)
      assert.equal(await load(layoutOf([...Object.values(imageOf(tar))])), undefined)
      const { Findings } = JSON.parse((await engine.ask('/system/check', { method: 'POST' })).text)
      assert.deepEqual(Findings, [])
      await nothingHappened()
    })
  }

  for (const [what, archive] of Object.entries(badArchives())) {
    await t.test(`an archive: ${what}`, async () => {
      const said = await load(archive)
      assert.ok(said !== undefined && said.length > 0 && said.length < 1000, `it was loaded, or said ${said}`)
      assert.doesNotMatch(said, /internal|undefined|Cannot read/)
      await nothingHappened()
    })
  }

  for (const [what, contents] of Object.entries(lies())) {
    await t.test(`a registry: ${what}`, async () => {
      await using registry = await openLyingRegistry(contents)
      const said = await post(`/images/create?fromImage=${registry.address}/some/image&tag=latest`).catch(String)
      assert.ok(said !== undefined && said.length < 2000, `it was pulled, or said ${said}`)
      assert.doesNotMatch(said, /undefined|Cannot read/)
      const images = JSON.parse((await engine.ask('/images/json?all=1')).text)
      assert.deepEqual(images, [])
      await engine.ask('/images/prune', { method: 'POST' })
      await nothingHappened()
    })
  }
})
