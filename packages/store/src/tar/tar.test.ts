import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { hasCode } from '@slipway/core'
import fc from 'fast-check'
import { temporaryDirectory } from '../temporary-directory.ts'
import { encodeHeader, tarEnd } from './encode.ts'
import { checksumOf, type TarHeader, type TarType, tarHeader } from './header.ts'
import { packTar, type TarInput } from './pack.ts'
import { paxRecord } from './pax.ts'
import { readTar } from './read.ts'

interface Entry {
  readonly header: TarHeader
  readonly body: Buffer
}

const toStream = async function* (bytes: Uint8Array, size = bytes.length || 1): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const readAll = async (bytes: Uint8Array, size?: number): Promise<readonly Entry[]> => {
  const entries: Entry[] = []
  for await (const { header, body } of readTar(toStream(bytes, size))) {
    entries.push({ header, body: Buffer.concat(await Array.fromAsync(body)) })
  }
  return entries
}

const isInvalid = (error: unknown): boolean => hasCode(error, 'invalid')

/** A file's name that ends in a slash is a directory's in the old format. */
const withoutSlash = (name: Buffer): Buffer => (name.at(-1) === 0x2f ? Buffer.concat([name, Buffer.from('x')]) : name)

const nameBytes = (maximum: number) =>
  fc
    .uint8Array({ minLength: 1, maxLength: maximum })
    .map((bytes) => withoutSlash(Buffer.from(bytes.map((byte) => (byte === 0 ? 0x61 : byte)))))

const number = (maximum: number) => fc.oneof(fc.nat(2000), fc.integer({ min: 0, max: maximum }))

const entry = fc
  .record({
    name: fc.oneof(
      nameBytes(20),
      nameBytes(400),
      fc.string({ minLength: 1, maxLength: 90 }).map((text) => withoutSlash(Buffer.from(text))),
    ),
    type: fc.constantFrom<TarType>('file', 'directory', 'symlink', 'hardlink', 'char', 'block', 'fifo'),
    mode: fc.nat(0o7777),
    uid: number(2 ** 32 - 1),
    gid: number(2 ** 32 - 1),
    mtime: fc.oneof(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), fc.nat(2 ** 31)),
    linkname: nameBytes(300),
    devMajor: fc.nat(4095),
    devMinor: fc.nat(2 ** 20 - 1),
    xattrs: fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }), fc.uint8Array({ maxLength: 600 }), {
      maxKeys: 3,
    }),
    body: fc.uint8Array({ maxLength: 2000 }),
  })
  .filter(({ name }) => !name.includes(0))
  .map(({ type, body, xattrs, linkname, devMajor, devMinor, ...rest }): Entry => {
    const isDevice = type === 'char' || type === 'block'
    const bytes = Buffer.from(type === 'file' ? body : [])
    return {
      header: tarHeader({
        ...rest,
        type,
        size: bytes.length,
        linkname: type === 'symlink' || type === 'hardlink' ? linkname : '',
        devMajor: isDevice ? devMajor : 0,
        devMinor: isDevice ? devMinor : 0,
        xattrs: new Map(Object.entries(xattrs).map(([name, value]) => [`user.${name}`, Buffer.from(value)])),
      }),
      body: bytes,
    }
  })

test('what is written is read back, whatever the names, numbers and chunks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 6 }), fc.integer({ min: 1, max: 1500 }), async (entries, chunk) => {
      const bytes = await buffer(packTar(entries))
      assert.equal(bytes.length % 512, 0)
      assert.deepEqual(await readAll(bytes, chunk), entries)
    }),
    { numRuns: 60 },
  )
})

test('GNU tar lists what is written, and what GNU tar writes is read', async () => {
  await using directory = await temporaryDirectory()
  const long = `${'directory/'.repeat(15)}${'n'.repeat(120)}`
  const inputs: TarInput[] = [
    { header: tarHeader({ name: 'plain', size: 5 }), body: Buffer.from('hello') },
    { header: tarHeader({ name: long, size: 3, mtime: 2 ** 34 }), body: Buffer.from('abc') },
    { header: tarHeader({ name: 'link', type: 'symlink', linkname: `/${'target/'.repeat(30)}` }) },
    { header: tarHeader({ name: 'umläut', uid: 3_000_000, gid: 70_000 }) },
  ]
  const ours = join(directory.path, 'ours.tar')
  await writeFile(ours, packTar(inputs))
  const listed = execFileSync('tar', ['--quoting-style=literal', '-tf', ours], { encoding: 'utf8' }).trim().split('\n')
  assert.deepEqual(listed, ['plain', long, 'link', 'umläut'])

  for (const format of ['gnu', 'pax', 'ustar', 'v7', 'oldgnu']) {
    const names = format === 'gnu' || format === 'pax' ? [`${'x'.repeat(140)}`, 'short'] : ['short']
    for (const name of names) await writeFile(join(directory.path, name), name)
    const theirs = execFileSync('tar', [
      `--format=${format}`,
      '--mtime=@12345',
      '-C',
      directory.path,
      '-cf',
      '-',
      ...names,
    ])
    const entries = await readAll(theirs, 333)
    assert.deepEqual(
      entries.map(({ header, body }) => [header.name.toString(), body.toString(), header.mtime]),
      names.map((name) => [name, name, 12345]),
      format,
    )
  }
})

test('the same header always gives the same bytes, with whole seconds', () => {
  const header = tarHeader({
    name: 'x'.repeat(300),
    mtime: 12.75,
    xattrs: new Map([
      ['user.b', Buffer.from('1')],
      ['user.a', Buffer.from('2')],
    ]),
  })
  const reordered = { ...header, mtime: 12, xattrs: new Map([...header.xattrs].reverse()) }
  assert.deepEqual(encodeHeader(header), encodeHeader(reordered))
})

test('a plain file costs one block, as in docker layers', () => {
  const block = encodeHeader(tarHeader({ name: 'etc/passwd', mode: 0o644, size: 10, mtime: 1_700_000_000 }))
  assert.equal(block.length, 512)
  assert.equal(block.toString('latin1', 0, 108), `etc/passwd${'\0'.repeat(90)}0000644\0`)
})

test('an archive without entries, and one without end blocks, are read', async () => {
  assert.deepEqual(await readAll(Buffer.alloc(0)), [])
  assert.deepEqual(await readAll(tarEnd), [])
  assert.equal((await readAll(encodeHeader(tarHeader({ name: 'a' })))).length, 1)
})

test('what is not read of a body is skipped', async () => {
  const names: string[] = []
  const inputs = ['a', 'b'].map(
    (name): TarInput => ({ header: tarHeader({ name, size: 3000 }), body: Buffer.alloc(3000) }),
  )
  for await (const { header } of readTar(toStream(await buffer(packTar(inputs)), 700)))
    names.push(header.name.toString())
  assert.deepEqual(names, ['a', 'b'])
})

test('base-256 numbers are read', async () => {
  const block = encodeHeader(tarHeader({ name: 'a', uid: 1 }))
  block.writeUInt32BE(0x80000000, 108)
  block.writeUInt32BE(4_000_000_000, 112)
  block.write(`${checksumOf(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  assert.equal((await readAll(block))[0]?.header.uid, 4_000_000_000)
})

test('a time with a fraction is read to the nanosecond', async () => {
  const times = {
    '1.5': 1_500_000_000n,
    '-1.5': -1_500_000_000n,
    '1700000000.9999999999': 1_700_000_000_999_999_999n,
    '7': undefined,
  }
  for (const [text, expected] of Object.entries(times)) {
    const records = paxRecord('mtime', Buffer.from(text))
    const extended = encodeHeader(tarHeader({ name: 'x', size: records.length }))
    extended.write('x', 156)
    extended.write(`${checksumOf(extended).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
    const tar = Buffer.concat([
      extended,
      records,
      Buffer.alloc(512 - records.length),
      encodeHeader(tarHeader({ name: 'file' })),
      tarEnd,
    ])
    const [{ header } = assert.fail()] = await readAll(tar)
    assert.equal(header.mtimeNs, expected)
    assert.equal(header.mtime, Number(text))
  }
})

test('archives that are cut short, damaged or too greedy are invalid', async () => {
  const whole = await buffer(packTar([{ header: tarHeader({ name: 'a', size: 600 }), body: Buffer.alloc(600, 1) }]))
  for (const length of [100, 511, 600, 1111]) await assert.rejects(readAll(whole.subarray(0, length)), isInvalid)
  const damaged = Buffer.from(whole)
  damaged[0] = 0x62
  await assert.rejects(readAll(damaged), isInvalid)
  await assert.rejects(readAll(Buffer.from('this is not a tar archive. '.repeat(40))), isInvalid)
  const greedy = encodeHeader(tarHeader({ name: 'p', size: 2 ** 30 }))
  greedy.write('x', 156)
  greedy.write(`${checksumOf(greedy).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  await assert.rejects(readAll(greedy), /too large/)
})

test('any bytes at all are read or refused, never worse', async () => {
  const header = encodeHeader(
    tarHeader({ name: 'x'.repeat(200), size: 50, xattrs: new Map([['user.a', Buffer.from('b')]]) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.nat(header.length - 1), fc.nat(255), async (at, value) => {
      const bytes = Buffer.from(header)
      bytes[at] = value
      for (const start of [512, 1024, 0]) {
        const block = bytes.subarray(start, start + 512)
        if (block.length === 512) block.write(`${checksumOf(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
        await readAll(bytes).catch((error: unknown) =>
          assert.ok(isInvalid(error) || hasCode(error, 'unsupported'), String(error)),
        )
      }
    }),
    { numRuns: 300 },
  )
})

test('packTar() fails when a body is not as long as its header says', async () => {
  for (const body of [Buffer.alloc(9), Buffer.alloc(11)]) {
    await assert.rejects(buffer(packTar([{ header: tarHeader({ name: 'a', size: 10 }), body }])), isInvalid)
  }
})
