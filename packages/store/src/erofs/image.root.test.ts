import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { hasCode } from '@slipway/core'
import { findBinary, getXattr, listXattrs, openImage } from '@slipway/linux'
import fc from 'fast-check'
import { BlockFile } from '../content/block-file.ts'
import { joinNames, type RawName, toPath } from '../layer/file-name.ts'
import { TreeWriter } from '../layer/tree-writer.ts'
import { tarHeader } from '../tar/header.ts'
import { packTar, type TarInput } from '../tar/pack.ts'
import { TarParser, type TarSink } from '../tar/parse.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { ImageWriter } from './image-writer.ts'

type Entry = Parameters<typeof tarHeader>[0] & { readonly text?: string | Buffer }

const tarOf = (entries: readonly Entry[]): Promise<Buffer> =>
  buffer(
    packTar(
      entries.map(({ text = '', ...entry }): TarInput => {
        const isFile = entry.type === undefined || entry.type === 'file'
        const body = isFile ? Buffer.from(text) : Buffer.alloc(0)
        return { header: tarHeader({ ...entry, size: body.length }), body }
      }),
    ),
  )

/** The parser's pieces are cut at odd places. */
const parse = (tar: Buffer, sink: TarSink, step = 1000): void => {
  const parser = new TarParser(sink)
  for (let at = 0; at < tar.length; at += step) parser.push(tar.subarray(at, at + step))
  parser.end()
}

const writeImage = (path: string, tar: Buffer, step?: number) => {
  using file = BlockFile.create(path)
  const writer = new ImageWriter(file)
  parse(tar, writer, step)
  return writer.finish()
}

/** Shows an image to `body`. */
const mounted = <T>(path: string, body: (root: string) => T): T => {
  const fd = openImage(path)
  try {
    return body(`/proc/self/fd/${fd}`)
  } finally {
    closeSync(fd)
  }
}

const began = Date.now() - 1000

/** All there is to see; hard links as the first name they had. */
const describe = (root: string): readonly string[] => {
  const lines: string[] = []
  const seen = new Map<bigint, RawName>()
  const visit = (name: RawName): void => {
    const full = name === '' ? `${root}/.` : toPath(`${root}/${name}`)
    const stat = lstatSync(full, { bigint: true })
    // One inode may stand for all of them.
    if (stat.isCharacterDevice() && stat.rdev === 0n) return void lines.push(`${name} whiteout`)
    const first = stat.nlink > 1n && !stat.isDirectory() ? seen.get(stat.ino) : undefined
    seen.set(stat.ino, name)
    const values = listXattrs(full)
      .map((each) => `${each}=${getXattr(full, each)?.toString('hex')}`)
      .toSorted()
    const content = stat.isFile() ? readFileSync(full, 'latin1') : stat.isSymbolicLink() ? readlinkSync(full) : ''
    const owner = [stat.mode, stat.uid, stat.gid, stat.rdev, stat.nlink, stat.isDirectory() ? '' : stat.size]
    // What nothing was said of has the time at which it was unpacked, or none.
    const time = stat.mtimeMs >= began && stat.mtimeMs <= Date.now() ? 0n : stat.mtimeMs
    lines.push([name, first ?? '', ...owner, time, content, ...values].join(' '))
    if (stat.isDirectory()) for (const child of readdirSync(full, 'latin1').sort()) visit(joinNames(name, child))
  }
  visit('')
  return lines
}

const names = ['a', 'B!', 'ä ö', 'x'.repeat(120)]
const path = fc
  .array(fc.constantFrom(...names, '..', '.'), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'))
/** Below, at and above the limits at which content lies elsewhere. */
const length = fc.constantFrom(0, 1, 2047, 2048, 2049, 4000, 4095, 4096, 4097, 8192, 70_000, 1_100_000, 1_200_000)
const entry = fc
  .record({
    name: fc.oneof(
      path,
      path.map((each) => `${each}/.wh..wh..opq`),
      path.map((each) => each.replace(/[^/]*$/, '.wh.$&')),
    ),
    type: fc.constantFrom('file', 'file', 'directory', 'directory', 'symlink', 'hardlink', 'char', 'block', 'fifo'),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.constantFrom(0, 7, 0xffff_fff0),
    gid: fc.constantFrom(0, 70_000),
    mtime: fc.constantFrom(0, 1_700_000_000, 2 ** 33),
    linkname: fc.oneof(
      path,
      path.map((each) => `/${each}`),
    ),
    devMajor: fc.integer({ min: 0, max: 4095 }),
    devMinor: fc.integer({ min: 1, max: 0xfffff }),
    xattrs: fc.constantFrom(
      new Map(),
      new Map([['trusted.one', Buffer.from('value')]]),
      new Map([
        ['trusted.overlay.redirect', Buffer.from('/etc')],
        ['trusted.long', Buffer.alloc(700, 'x')],
      ]),
    ),
    text: length.chain((bytes) => fc.constantFrom('\0', 'x', 'mixed').map((kind) => textOf(kind, bytes))),
  })
  .map((each): Entry => (each.type === 'file' ? each : { ...each, text: '' }))

/** Zeros, or none, or a file that is mostly holes. */
const textOf = (kind: string, bytes: number): Buffer => {
  const text = Buffer.alloc(bytes, kind === 'mixed' ? '\0' : kind)
  if (kind === 'mixed') for (let at = 65_500; at < bytes; at += 300_000) text.fill('y', at, at + 100)
  return text
}

const isLong = process.env['SLIPWAY_TEST_LONG'] === '1'

/** What a writer makes of a tar, or why it doesn't. */
const outcome = (make: () => readonly string[]): readonly string[] | string => {
  try {
    return make()
  } catch (error) {
    assert.ok(hasCode(error, 'invalid'), `${error}`)
    return 'invalid'
  }
}

test('an image shows what the same tar unpacks to', async () => {
  await using directory = await temporaryDirectory()
  let run = 0
  const check = async (entries: readonly Entry[]): Promise<void> => {
    const tar = await tarOf(entries)
    const here = join(directory.path, `${run++}`)
    const tree = join(here, 'tree')
    mkdirSync(tree, { recursive: true })
    const unpacked = outcome(() => {
      using writer = new TreeWriter(tree, { whiteouts: 'overlay' })
      parse(tar, writer)
      writer.finish()
      return describe(tree)
    })
    const image = outcome(() => {
      writeImage(join(here, 'image'), tar)
      return mounted(join(here, 'image'), describe)
    })
    assert.deepEqual(image, unpacked)
  }
  await fc.assert(fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 25 }), check), {
    numRuns: isLong ? 5000 : 100,
  })
})

test('fsck.erofs has nothing to say against an image', async () => {
  await using directory = await temporaryDirectory()
  const image = join(directory.path, 'image')
  const many = Array.from(
    { length: 2000 },
    (_, at): Entry => ({ name: `many/${'n'.repeat(at % 200)}${at}`, text: `${at}` }),
  )
  const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex')
  const tar = await tarOf([
    { name: './', type: 'directory', mode: 0o1755, uid: 3 },
    ...many,
    { name: 'bin/ping', text: 'x'.repeat(5000), xattrs: new Map([['security.capability', capability]]) },
    { name: 'bin/again', type: 'hardlink', linkname: 'bin/ping' },
    { name: 'holes', text: textOf('mixed', 1_200_000) },
    { name: 'zeros', text: textOf('\0', 1_200_000) },
    { name: 'long', type: 'symlink', linkname: 'x'.repeat(4000) },
    { name: 'null', type: 'char', devMajor: 1, devMinor: 3 },
    { name: 'pipe', type: 'fifo' },
    { name: 'gone/.wh.file' },
    { name: 'opaque/.wh..wh..opq' },
  ])
  const { inodes } = writeImage(image, tar)
  assert.equal(inodes, 2000 + 12)
  const fsck = findBinary('fsck.erofs') ?? assert.fail('fsck.erofs is not installed')
  // Some versions exit with 0 whatever they find.
  const { stdout, stderr } = spawnSync(fsck, ['-d3', image], { encoding: 'utf8' })
  assert.match(stdout + stderr, /No errors found/)
})

test('a file that is mostly holes takes no room, and shows them', async () => {
  await using directory = await temporaryDirectory()
  const image = join(directory.path, 'image')
  const size = 64 * 1024 * 1024 * 1024
  using file = BlockFile.create(image)
  const writer = new ImageWriter(file)
  writer.entry(tarHeader({ name: 'disk', size }))
  writer.hole(size - 3)
  writer.data(Buffer.from('end'))
  writer.end()
  writer.finish()
  assert.ok(file.usage < 4_000_000, `${file.usage}`)
  mounted(image, (root) => {
    const fd = openSync(join(root, 'disk'), 'r')
    const end = Buffer.alloc(10)
    readSync(fd, end, 0, 10, size - 10)
    closeSync(fd)
    assert.equal(end.toString(), '\0\0\0\0\0\0\0end')
  })
})

test('times before 1970 are kept', async () => {
  await using directory = await temporaryDirectory()
  const image = join(directory.path, 'image')
  writeImage(
    image,
    await tarOf([
      { name: 'old', mtime: -86_400 },
      { name: 'before', type: 'directory', mtime: -1 },
    ]),
  )
  mounted(image, (root) => {
    assert.equal(lstatSync(join(root, 'old')).mtimeMs, -86_400_000)
    assert.equal(lstatSync(join(root, 'before')).mtimeMs, -1000)
  })
})

const longName = 'n'.repeat(200)
const manyThings: Readonly<Record<string, (number: number) => Parameters<typeof tarHeader>[0]>> = {
  files: (number) => ({ name: `${number}` }),
  'long names': (number) => ({ name: `${longName}${number}`, type: 'hardlink', linkname: 'first' }),
  'directories that are only on the way': (number) => ({ name: `${number}${'/d'.repeat(500)}/file` }),
  'long targets': (number) => ({ name: `${number}`, type: 'symlink', linkname: 't'.repeat(4000) }),
  'attributes of directories': () => ({
    name: 'same',
    type: 'directory',
    xattrs: new Map([['user.large', Buffer.alloc(60_000)]]),
  }),
}

for (const [what, make] of Object.entries(manyThings)) {
  test(`a layer can't fill the memory: ${what}`, async () => {
    await using directory = await temporaryDirectory()
    using file = BlockFile.create(join(directory.path, 'image'))
    const writer = new ImageWriter(file, { memory: 1_000_000 })
    const enter = (header: Parameters<typeof tarHeader>[0]): void => {
      writer.entry(tarHeader(header))
      writer.end()
    }
    enter({ name: 'first' })
    assert.throws(
      () => {
        for (let number = 0; number < 5000; number += 1) enter(make(number))
      },
      { message: 'too many files in a layer: their names take too much memory' },
    )
  })
}
